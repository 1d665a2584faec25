/** The server and its daemons as processes of their own, what can be done to them, and what must come of it. */
@NullMarked
package dev.hawse.faults;

import org.jspecify.annotations.NullMarked;
