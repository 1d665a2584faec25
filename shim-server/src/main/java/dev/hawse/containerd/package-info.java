/** The port on containerd, over its own gRPC API: no command-line tool on the way. */
@NullMarked
package dev.hawse.containerd;

import org.jspecify.annotations.NullMarked;
