/** Tests of the store, on real files. */
@NullMarked
package dev.hawse.state;

import org.jspecify.annotations.NullMarked;
