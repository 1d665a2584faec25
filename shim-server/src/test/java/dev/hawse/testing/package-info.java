/** What tests share: a private namespace of a real containerd, and small images made in memory. */
@NullMarked
package dev.hawse.testing;

import org.jspecify.annotations.NullMarked;
