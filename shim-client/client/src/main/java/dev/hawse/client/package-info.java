@NullMarked
package dev.hawse.client;

import org.jspecify.annotations.NullMarked;
