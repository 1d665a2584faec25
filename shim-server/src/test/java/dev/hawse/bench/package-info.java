/** Benchmarks, run by {@code scripts/bench} and by no test: each against its peers in the same interleaved run. */
@NullMarked
package dev.hawse.bench;

import org.jspecify.annotations.NullMarked;
