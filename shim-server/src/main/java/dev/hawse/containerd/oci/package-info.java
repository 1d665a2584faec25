/**
 * What the port asks for, as the OCI runtime specification writes it. Functions without state, safe from any thread; what
 * they need to know of this machine is in a {@link dev.hawse.containerd.oci.Host}.
 */
@NullMarked
package dev.hawse.containerd.oci;

import org.jspecify.annotations.NullMarked;
