/** What no runtime keeps, in SQLite: records of commands, request ids, events. Rows are of JDK types alone. */
@NullMarked
package dev.hawse.state;

import org.jspecify.annotations.NullMarked;
