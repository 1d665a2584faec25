/** Tests of the connection to containerd. */
@NullMarked
package dev.hawse.containerd.client;

import org.jspecify.annotations.NullMarked;
