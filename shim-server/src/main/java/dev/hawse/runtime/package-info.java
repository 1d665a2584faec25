/**
 * The port: what Hawse asks of a container engine, in types of the JDK alone.
 *
 * <p>Every method of the port may be called from any thread. Control calls block their caller, a virtual thread as a rule,
 * until the engine has answered or its deadline has passed, and throw {@link RuntimeFailure} alone. Whatever carries bytes
 * never blocks: it calls a sink that says when it wants no more.
 */
@NullMarked
package dev.hawse.runtime;

import org.jspecify.annotations.NullMarked;
