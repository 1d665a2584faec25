/** What an operator can set, where it may be set, and which of several settings counts. */
@NullMarked
package dev.hawse.server.config;

import org.jspecify.annotations.NullMarked;
