package dev.hawse.soak;

import dev.hawse.soak.Flight.Disturbance;
import dev.hawse.soak.SoakClient.Ticket;
import dev.hawse.soak.Verdict.Outcome;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Who does what, and what became of it. Safe for use by any number of threads. */
final class Board {

    private static final int MOST_DIFFERENCES = 20;

    private final Deque<Flight> waiting = new ArrayDeque<>();
    private final Map<Integer, Flight> flying = new HashMap<>();
    private final EnumSet<Disturbance> going = EnumSet.noneOf(Disturbance.class);
    private final Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    private final Set<Integer> ran = new HashSet<>();
    private final List<String> differences = new ArrayList<>();
    private final Semaphore ends = new Semaphore(0);
    private int done;
    private int marked;
    private int repeated;
    private int wrong;
    private long bytes;

    /** What has become of all so far. */
    record Sum(
            int done,
            int flying,
            int marked,
            int repeated,
            int wrong,
            long bytes,
            Map<Outcome, Integer> outcomes,
            List<String> differences) {}

    synchronized void add(Ticket ticket) {
        waiting.addLast(new Flight(ticket, EnumSet.noneOf(Disturbance.class)));
    }

    /** The next command for a client; null when there is none now. */
    synchronized @Nullable Ticket take() {
        var flight = waiting.pollFirst();
        if (flight == null) {
            return null;
        }
        flight.disturbances().addAll(going);
        flying.put(flight.ticket().number(), flight);
        return flight.ticket();
    }

    /** A client tells how a command ended. */
    synchronized void done(Verdict verdict) {
        var flight = flying.remove(verdict.number());
        if (flight == null) {
            difference("command %d ended that nobody executed: %s".formatted(verdict.number(), verdict.text()));
            return;
        }
        done++;
        outcomes.merge(verdict.outcome(), 1, Integer::sum);
        bytes += verdict.bytes();
        repeated += verdict.repeated();
        marked += verdict.marked() ? 1 : 0;
        if (verdict.outcome() == Outcome.EXACT || verdict.outcome() == Outcome.GAP) {
            ran.add(verdict.number());
        }
        if (!flight.allows(verdict)) {
            difference(
                    "%s, during kills of %s: %s".formatted(verdict.outcome(), flight.disturbances(), verdict.text()));
        }
        ends.release();
    }

    /** A client was killed that executed these: what outlives it is asked for again. */
    synchronized void orphan(Set<Integer> numbers) {
        for (var number : numbers) {
            var flight = flying.get(number);
            if (flight == null) {
                continue;
            }
            flight.disturbances().add(Disturbance.CLIENT);
            if (flight.ticket().command().detached()) {
                flying.remove(number);
                waiting.addFirst(new Flight(flight.ticket().repeated(), flight.disturbances()));
            } else {
                done(new Verdict(number, Outcome.ENDED_WITH_CLIENT, 0, false, 0, ""));
            }
        }
    }

    /** Something is about to be killed, and all that runs may notice. */
    synchronized void disturb(Disturbance what) {
        going.add(what);
        flying.values().forEach(flight -> flight.disturbances().add(what));
    }

    /** It serves again. */
    synchronized void calm(Disturbance what) {
        going.remove(what);
    }

    synchronized void difference(String text) {
        wrong++;
        if (differences.size() < MOST_DIFFERENCES) {
            differences.add(text);
        }
    }

    /** Forgets those that were not begun. */
    synchronized void stop() {
        waiting.removeIf(flight -> !flight.ticket().again());
    }

    /** Waits a little for a command to end. */
    void await(Duration time) throws InterruptedException {
        if (ends.tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS)) {
            ends.drainPermits();
        }
    }

    synchronized boolean isEmpty() {
        return waiting.isEmpty() && flying.isEmpty();
    }

    /** Those under way, in words. */
    synchronized List<String> flights() {
        return flying.values().stream()
                .map(f -> f.ticket().command() + " " + f.disturbances())
                .toList();
    }

    /** Whether a command did run to its end, so that its container must know of it. */
    synchronized Set<Integer> ran() {
        return Set.copyOf(ran);
    }

    synchronized Sum sum() {
        return new Sum(
                done, flying.size(), marked, repeated, wrong, bytes, new EnumMap<>(outcomes), List.copyOf(differences));
    }
}
