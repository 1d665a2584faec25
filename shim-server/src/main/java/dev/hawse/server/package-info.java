/** The daemon {@code hawsed}: its command line, its socket, its life; and the one place that names concrete engines. */
@NullMarked
package dev.hawse.server;

import org.jspecify.annotations.NullMarked;
