/**
 * The gRPC edge: one thin class per service or stream, which reads the request, calls the port and writes the answer.
 *
 * <p>Unary calls run on a virtual thread each and may block. Handlers of streams run on the event loop of their connection
 * and never block.
 */
@NullMarked
package dev.hawse.server.api;

import org.jspecify.annotations.NullMarked;
