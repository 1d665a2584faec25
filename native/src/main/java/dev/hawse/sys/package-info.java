/**
 * What Hawse needs of the Linux kernel and the JDK does not offer: FIFOs, non-blocking descriptors and one readiness
 * loop for any number of them, through the foreign-function API. Start at {@link dev.hawse.sys.Fifo},
 * {@link dev.hawse.sys.Reactor}, {@link dev.hawse.sys.FifoReader} and {@link dev.hawse.sys.FifoWriter}.
 */
@NullMarked
package dev.hawse.sys;

import org.jspecify.annotations.NullMarked;
