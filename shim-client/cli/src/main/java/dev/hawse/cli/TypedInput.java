package dev.hawse.cli;

import dev.hawse.client.OutputKind;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Which of the bytes that a terminal sends are for the process. Not those that leave it; not what is typed while its server
 * is away; and not what the terminal itself answers to old output that is shown again, which would be typed into a shell
 * that never asked.
 */
final class TypedInput {

    /** How long a terminal at the end of a slow line may take to answer to the last byte of a replay. */
    static final long ANSWER_NANOS = TimeUnit.MILLISECONDS.toNanos(250);

    private static final byte CTRL_C = 3;

    private final boolean replays;
    private final LongSupplier clock;
    private @Nullable DetachKeys keys;
    private volatile boolean away;
    private volatile long toReplay;
    private volatile long replayedAt;
    private volatile boolean leaving;

    /** {@code toReplay}: how many bytes of output come that were written before this began. */
    TypedInput(long toReplay, LongSupplier clock) {
        this.toReplay = toReplay;
        this.replays = toReplay > 0;
        this.clock = clock;
    }

    void detachBy(DetachKeys these) {
        keys = these;
    }

    void away(boolean is) {
        away = is;
    }

    /** So many bytes more are on the screen; told by one thread. */
    void shown(OutputKind stream, long bytes) {
        if (toReplay > 0 && stream == OutputKind.STDOUT) {
            replayedAt = clock.getAsLong();
            toReplay = Math.max(0, toReplay - bytes);
        }
    }

    private boolean isAnswerToReplay() {
        return toReplay > 0 || (replays && clock.getAsLong() - replayedAt < ANSWER_NANOS);
    }

    /** What of it the process is to get. */
    byte[] pass(byte[] typed, int length) {
        var passed = keys == null ? Arrays.copyOf(typed, length) : keys.pass(typed, length);
        leaving |= keys != null && keys.found();
        if (away) {
            for (byte b : passed) {
                leaving |= b == CTRL_C;
            }
            return new byte[0];
        }
        return isAnswerToReplay() ? new byte[0] : passed;
    }

    /** Whether the user wants to leave the process alone. */
    boolean isLeaving() {
        return leaving;
    }
}
