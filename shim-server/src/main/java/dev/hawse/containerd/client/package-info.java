/** containerd's services as one connection gives them, and its errors in the port's words. */
@NullMarked
package dev.hawse.containerd.client;

import org.jspecify.annotations.NullMarked;
