package dev.hawse.soak;

import dev.hawse.soak.SoakClient.Ticket;
import dev.hawse.soak.Verdict.Outcome;
import java.util.EnumSet;

/** A command that was given to a client, and what was killed while it ran. */
record Flight(Ticket ticket, EnumSet<Disturbance> disturbances) {

    /** What was killed. */
    enum Disturbance {
        CLIENT,
        SERVER,
        CONTAINERD;

        /** Whether this explains what became of a command. */
        boolean excuses(Outcome outcome) {
            return switch (outcome) {
                case EXACT -> true;
                case PREFIX, ENDED_WITH_CLIENT -> this == CLIENT;
                case GAP, INPUT_LOST, LOST, CUT -> this == SERVER;
                case START_LOST, REFUSED -> this != CLIENT;
                case WRONG -> false;
            };
        }
    }

    /** Whether it may have become this. */
    boolean allows(Verdict verdict) {
        if (verdict.marked() && !disturbances.contains(Disturbance.SERVER)) {
            return false;
        }
        return verdict.outcome() == Outcome.EXACT || disturbances.stream().anyMatch(d -> d.excuses(verdict.outcome()));
    }
}
