package dev.hawse.runtime;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The containers of one engine. What a failed call has half made, it has undone when it throws.
 *
 * <p>Calls on the same container take turns; calls on different ones do not wait for each other.
 */
public interface ContainerOperations {

    /** Makes a container that is ready to be started. */
    Created create(ContainerSpec spec);

    /** Starts a created or exited container; does nothing for a running one. */
    Container start(ContainerId id);

    /**
     * Sends the stop signal, waits, then kills every process of the container. Returns when it has ended; at once when it
     * does not run.
     *
     * @param grace how long to wait, or null for the container's own
     * @param signal what to send first, or null for the container's own
     */
    Stopped stop(ContainerId id, @Nullable Duration grace, @Nullable Signal signal);

    /** Sends a signal to the main process, or to all; {@link Reason#CONTAINER_STATE} when it does not run. */
    void kill(ContainerId id, Signal signal, boolean all);

    /** {@link #stop}, then {@link #start}. */
    Container restart(ContainerId id, @Nullable Duration grace, @Nullable Signal signal);

    /** Freezes every process of a running container. */
    Container pause(ContainerId id);

    /** Lets a paused container go on. */
    Container resume(ContainerId id);

    /** Removes a container with its root file system and log; a running one only by force. */
    void remove(ContainerId id, boolean force);

    /** Gives a container another name. */
    Container rename(ContainerId id, String name);

    /** The container with this id, unique id prefix or name. */
    Container get(String idOrName);

    /** All containers, newest first. */
    List<Container> list();

    /**
     * Completes when the condition holds, with how the main process last ended, or null when it never ran. Completes
     * exceptionally with {@link RuntimeFailure}. Cancelling it costs nothing and changes nothing.
     */
    CompletableFuture<@Nullable ProcessExit> await(ContainerId id, WaitCondition condition);

    /** The processes in a running container, by process id. */
    List<ContainerProcess> processes(ContainerId id);

    /**
     * Attaches to the main process of a running or created container; for a created one, from its first byte on.
     * Nothing is delivered before the first {@link ProcessSession#resumeOutput()}. Closing the session only detaches.
     *
     * @param size the terminal's size, applied at once or at the start; null leaves it
     * @param lossless whether the process waits, as for a pipe, rather than have the sink miss a byte. Whoever stops or
     *     removes the container does not wait for the sink for long.
     */
    ProcessSession attach(ContainerId id, @Nullable TerminalSize size, boolean lossless, OutputSink sink);

    /** Reads the log. Nothing is delivered before the first {@link LogSession#resume()}. */
    LogSession logs(ContainerId id, LogQuery query, LogSink sink);

    /**
     * A container just made.
     *
     * @param warnings what was done differently from what one might expect, as sentences
     */
    record Created(Container container, List<String> warnings) {
        public Created {
            warnings = List.copyOf(warnings);
        }
    }

    /**
     * A container after its end.
     *
     * @param killed whether the grace time ran out
     */
    record Stopped(Container container, boolean killed) {}
}
