/** Tests of the spool and the log, on real files. */
@NullMarked
package dev.hawse.stream;

import org.jspecify.annotations.NullMarked;
