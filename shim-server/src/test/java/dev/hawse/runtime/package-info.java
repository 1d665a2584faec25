@NullMarked
package dev.hawse.runtime;

import org.jspecify.annotations.NullMarked;
