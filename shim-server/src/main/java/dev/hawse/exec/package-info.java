/**
 * What a command is for its callers, whatever engine runs it: its output for any number of viewers, one who gives input, its
 * time, what becomes of it when they leave, and the record that outlives the server.
 */
@NullMarked
package dev.hawse.exec;

import org.jspecify.annotations.NullMarked;
