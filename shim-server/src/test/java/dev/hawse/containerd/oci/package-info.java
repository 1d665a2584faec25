@NullMarked
package dev.hawse.containerd.oci;

import org.jspecify.annotations.NullMarked;
