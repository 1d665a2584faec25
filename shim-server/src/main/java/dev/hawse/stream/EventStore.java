package dev.hawse.stream;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Keeps events beyond the server's life, and what was last told of each container. Safe for use by any number of threads. */
public interface EventStore {

    /** The first number of this life: greater than every one that was ever given away. */
    long first();

    /** The number from which on all is kept. Never blocks. */
    long oldest();

    /** Whether nothing was known of any container when this life began. */
    boolean isFresh();

    /** What was last told of each container, in the lives before. May block. */
    List<Told> told();

    /**
     * Keeps events, in the order of their numbers, none before the one before it is complete. Never blocks; completes when
     * they survive the death of this process, and fails with none of them kept.
     *
     * @param completeFrom the number from which on nothing is missing when some before it could not be kept; else null
     */
    CompletableFuture<Void> write(List<Entry> entries, @Nullable Long completeFrom);

    /** Remembers what is taken as told without an event. As {@link #write}, in one order with it. */
    CompletableFuture<Void> note(Told told);

    /** Kept events from a number on, the first so many of them. May block. */
    List<EventLog.Numbered> read(long from, int most);

    /**
     * An event to keep.
     *
     * @param told what is known to have been told by it; null when that does not change
     */
    record Entry(EventLog.Numbered numbered, @Nullable Told told) {}

    /**
     * What was last told of a container, or of a command in one.
     *
     * @param container its id; of a command, with "/" and the command's behind it
     * @param run of which; 0 when there was none, or it is not known
     * @param at when it happened
     */
    record Told(String container, String runtime, Phase phase, long run, Instant at) {}

    /** How far a container's story has been told. */
    enum Phase {
        CREATED,
        STARTED,
        EXITED,
        /** Nothing more is to be known of it. */
        REMOVED
    }
}
