/** Places at which tests let the server fail. Off, as it is unless the JVM is told otherwise, it costs nothing. */
@NullMarked
package dev.hawse.failpoint;

import org.jspecify.annotations.NullMarked;
