/**
 * Very many commands while clients, the server and containerd are killed, every byte and exit code accounted for: the long
 * run behind {@code scripts/bench soak}, and a short one in the test suite.
 */
@NullMarked
package dev.hawse.soak;

import org.jspecify.annotations.NullMarked;
