@NullMarked
package dev.hawse.sys;

import org.jspecify.annotations.NullMarked;
