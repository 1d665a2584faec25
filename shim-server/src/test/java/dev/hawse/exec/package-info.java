/** Tests of what commands are to their callers, on an engine in memory. */
@NullMarked
package dev.hawse.exec;

import org.jspecify.annotations.NullMarked;
