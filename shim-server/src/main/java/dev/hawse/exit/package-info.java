/** How a process ended, in the form in which records keep it beyond the life of the server. */
@NullMarked
package dev.hawse.exit;

import org.jspecify.annotations.NullMarked;
