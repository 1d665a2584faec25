package dev.hawse.soak;

import dev.hawse.soak.Flight.Disturbance;
import dev.hawse.soak.Verdict.Outcome;
import java.time.Duration;
import java.util.Map;

/** What became of a soak. Immutable. */
record SoakReport(
        Plan plan,
        int execs,
        Board.Sum sum,
        Map<Disturbance, Integer> kills,
        Duration took,
        SoakCensus before,
        SoakCensus after) {

    boolean passed() {
        return sum.wrong() == 0;
    }

    String markdown() {
        var text = new StringBuilder();
        text.append("%n%s: %d commands in %d s, %d MiB in and out, seed %d.%n"
                .formatted(
                        passed() ? "Passed" : "**Failed**", execs, took.toSeconds(), sum.bytes() >> 20, plan.seed()));
        text.append("Killed: %d clients, %d times the server, %d times containerd.%n%n"
                .formatted(
                        kills.getOrDefault(Disturbance.CLIENT, 0),
                        kills.getOrDefault(Disturbance.SERVER, 0),
                        kills.getOrDefault(Disturbance.CONTAINERD, 0)));
        text.append("| outcome | commands |\n|---|---|\n");
        for (var outcome : Outcome.values()) {
            if (sum.outcomes().containsKey(outcome)) {
                text.append(
                        "| %s | %d |%n".formatted(words(outcome), sum.outcomes().get(outcome)));
            }
        }
        text.append("| marked with a possible gap, in whichever outcome | %d |%n".formatted(sum.marked()));
        text.append("| asked for again after a failure that may pass | %d times |%n".formatted(sum.repeated()));
        text.append("\n| count | before | after |\n|---|---|---|\n");
        after.counts()
                .forEach((what, count) -> text.append(
                        "| %s | %d | %d |%n".formatted(what, before.counts().getOrDefault(what, 0L), count)));
        if (!passed()) {
            text.append("\n%d differences, the first:%n%n".formatted(sum.wrong()));
            sum.differences()
                    .forEach(difference -> text.append("- ").append(difference).append('\n'));
        }
        return text.toString();
    }

    private static String words(Outcome outcome) {
        return switch (outcome) {
            case EXACT -> "every byte and the exit code right";
            case PREFIX -> "client killed, input ended there, right up to there";
            case GAP -> "output missing where the server said so, the rest right";
            case INPUT_LOST -> "input on its way lost with the server, the rest right";
            case LOST -> "the end is not known, and the server says so";
            case START_LOST -> "start cut off, whether it ran is not known, and the server says so";
            case CUT -> "connection broken, nobody was to come back";
            case ENDED_WITH_CLIENT -> "killed with its client";
            case REFUSED -> "refused while a daemon was away";
            case WRONG -> "wrong";
        };
    }
}
