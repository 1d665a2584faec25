/** Tests of images on containerd. */
@NullMarked
package dev.hawse.containerd.image;

import org.jspecify.annotations.NullMarked;
