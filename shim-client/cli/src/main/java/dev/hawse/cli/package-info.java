@NullMarked
package dev.hawse.cli;

import org.jspecify.annotations.NullMarked;
