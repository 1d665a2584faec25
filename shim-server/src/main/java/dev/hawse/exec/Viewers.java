package dev.hawse.exec;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who is attached to a command, and which of them gives it input. Safe for use by any number of threads. */
final class Viewers {

    static final int MOST = 16;

    private final Set<Attachment> all = Collections.newSetFromMap(new IdentityHashMap<>());
    /** They gave input until somebody took it over. */
    private final Set<Attachment> dispossessed = Collections.newSetFromMap(new IdentityHashMap<>());

    private @Nullable Attachment writer;
    private boolean left;

    /**
     * Lets one more join.
     *
     * @return who has lost the input to it; null when nobody has
     * @throws RuntimeFailure when there are too many, or another one gives input
     */
    synchronized @Nullable Attachment add(Attachment caller, Joining.Input input) {
        if (all.size() >= MOST) {
            throw RuntimeFailure.of(
                    Reason.LIMIT_REACHED,
                    "command " + caller.exec().id() + " has " + MOST + " callers attached, and no more are allowed",
                    Map.of("exec", caller.exec().id().value()));
        }
        var loser = writer;
        if (input == Joining.Input.WANTED && loser != null) {
            throw taken(caller.exec());
        }
        all.add(caller);
        left = false;
        if (input == Joining.Input.NONE || (input == Joining.Input.IF_FREE && loser != null)) {
            return null;
        }
        writer = caller;
        if (loser != null) {
            dispossessed.add(loser);
        }
        return loser;
    }

    static RuntimeFailure taken(Exec exec) {
        return RuntimeFailure.of(
                Reason.WRITER_TAKEN,
                "another caller gives input to command " + exec.id() + "; attach with take_over to take it",
                Map.of("exec", exec.id().value()));
    }

    /** Whether it was there. */
    synchronized boolean remove(Attachment caller) {
        dispossessed.remove(caller);
        if (caller == writer) {
            writer = null;
        }
        if (!all.remove(caller)) {
            return false;
        }
        left = all.isEmpty();
        return true;
    }

    /** They were there before this server, which broke their calls. */
    synchronized void wereHere() {
        left = all.isEmpty();
    }

    /** Whether there were some, and all have left. */
    synchronized boolean haveLeft() {
        return left;
    }

    /** Whether the caller gives input now; one that asked for it and waited has it once it is free. */
    synchronized boolean gives(Attachment caller) {
        if (writer == null && caller.asksForInput() && all.contains(caller) && !dispossessed.contains(caller)) {
            writer = caller;
        }
        return writer == caller;
    }

    synchronized boolean isDispossessed(Attachment caller) {
        return dispossessed.contains(caller);
    }

    synchronized boolean hasWriter() {
        return writer != null;
    }

    synchronized int count() {
        return all.size();
    }
}
