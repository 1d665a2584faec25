/**
 * A client of the Hawse server for Java 17 and later.
 *
 * <p>Everything begins at {@link dev.hawse.client.HawseClient}: one per server and program, safe for use by any number of
 * threads, closed at the end. It gives access to {@link dev.hawse.client.Containers},
 * {@link dev.hawse.client.Images}, {@link dev.hawse.client.Events} and {@link dev.hawse.client.Runtimes}, and executes
 * commands: {@link dev.hawse.client.HawseClient#run(String, String...)} when the whole result is wanted at once,
 * {@link dev.hawse.client.HawseClient#exec} for a {@link dev.hawse.client.ProcessSession} with streams.
 *
 * <p>Methods block until the server has answered. Those that answer soon have a time limit
 * ({@link dev.hawse.client.HawseClient.Builder#deadline}); those that last as long as what they watch have none and say
 * so. Every failure is a {@link dev.hawse.client.HawseException}. What is called a session, a stream or a client is to be
 * closed; everything else is an immutable value. No type of gRPC, protobuf or Netty is part of any signature.
 */
@NullMarked
package dev.hawse.client;

import org.jspecify.annotations.NullMarked;
