@NullMarked
package dev.hawse.failpoint;

import org.jspecify.annotations.NullMarked;
