@NullMarked
package dev.hawse.server.api;

import org.jspecify.annotations.NullMarked;
