/**
 * The spool and the log: what a process wrote, once, for any number of readers, each at its own pace. Knows no engine.
 */
@NullMarked
package dev.hawse.stream;

import org.jspecify.annotations.NullMarked;
