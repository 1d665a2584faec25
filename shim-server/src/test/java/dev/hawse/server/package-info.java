@NullMarked
package dev.hawse.server;

import org.jspecify.annotations.NullMarked;
