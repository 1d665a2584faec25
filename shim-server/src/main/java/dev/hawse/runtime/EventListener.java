package dev.hawse.runtime;

import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Takes what an engine tells. It is called by several threads, for one container in the order in which things happened,
 * and must not block.
 *
 * <p>What an engine tells of a container's being and of its runs it may tell again, at every restart and reconnect: of a
 * container that is new to it, that it was created; of a run that it takes over, that it has started; of a container that
 * does not run, that it has exited; of a command that it takes over, that it has started. Who must not count twice remembers what was told.
 */
@FunctionalInterface
public interface EventListener {

    /** Something happened, or happened some time ago. */
    void event(RuntimeEvent event);

    /**
     * The engine is about to ask what containers there are. The answer is to be called with the ids of all that there
     * are: what was told of before this call, and is not among them, is gone.
     */
    default Consumer<Set<String>> listing(RuntimeKind runtime) {
        return ids -> {};
    }

    /** Nothing more will be told of a command that has ended: its end need not be remembered. */
    default void commandGone(RuntimeKind runtime, String containerId, String execId) {}

    /** A command of an earlier life has ended so, which was told unless that life was cut off; nothing more will be told of it. */
    default void commandOver(RuntimeEvent end) {}

    /** Of all commands of earlier lives only these are known: the others have ended, and nobody can tell how. */
    default void commandsKnown(RuntimeKind runtime, Predicate<String> known) {}
}
