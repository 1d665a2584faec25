/** The command line of Hawse: one class per command, everything it does through {@code dev.hawse.client}. */
@NullMarked
package dev.hawse.cli;

import org.jspecify.annotations.NullMarked;
