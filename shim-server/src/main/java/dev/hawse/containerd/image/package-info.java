/** Images on containerd: archives in and out, names, and the snapshots that containers are made from. */
@NullMarked
package dev.hawse.containerd.image;

import org.jspecify.annotations.NullMarked;
