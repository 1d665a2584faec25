@NullMarked
package dev.hawse.server.config;

import org.jspecify.annotations.NullMarked;
