package dev.hawse.soak;

import dev.hawse.client.HawseException;
import dev.hawse.faults.Hawsed.Setup;
import dev.hawse.soak.Flight.Disturbance;
import dev.hawse.soak.SoakClient.Ticket;
import dev.hawse.soak.Verdict.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One soak, from the start of its daemons to the last count. For one thread; closing it takes everything down. */
final class Soak implements AutoCloseable {

    private static final Duration STALL = Duration.ofMinutes(4);
    private static final Duration SETTLING = Duration.ofSeconds(60);
    private static final Duration WATCHING = Duration.ofMillis(100);
    private static final Duration COUNTING = Duration.ofSeconds(2);
    private static final Duration PROGRESS = Duration.ofSeconds(10);

    private final Plan plan;
    private final Consumer<String> progress;
    private final SoakDaemons daemons;
    private final Board board = new Board();
    private final List<ClientProcess> clients = new ArrayList<>();
    private final Map<Disturbance, Integer> kills = new HashMap<>();
    private final Random random;
    private final long began = System.nanoTime();
    private long nextProgress = began;
    private int told;

    Soak(Plan plan, Path dir, Consumer<String> progress) throws IOException {
        SoakCensus.requireTools();
        this.plan = plan;
        this.progress = progress;
        this.random = new Random(plan.seed());
        this.daemons = new SoakDaemons(
                dir,
                plan.kills()
                        ? Setup.PLAIN.set("exec.retention=" + plan.retention().toSeconds() + "s")
                        : Setup.PLAIN);
    }

    /** Does it all, and answers what became of it. */
    SoakReport run() throws IOException, InterruptedException {
        daemons.start(plan.containers());
        for (int i = 0; i < plan.clients(); i++) {
            clients.add(newClient());
        }
        // What is made once and kept is there after a few; numbers below zero are no part of the plan.
        enter(-2 * plan.parallel(), 0);
        fly(false);
        var before = settled(null);
        var start = System.nanoTime();
        enter(0, plan.execs());
        fly(true);
        var took = Duration.ofNanos(System.nanoTime() - start);
        clients.forEach(ClientProcess::close);
        checkCutStarts();
        var sum = board.sum();
        checkLedgers();
        var after = settled(before);
        after.growth(before).forEach(growth -> board.difference("left behind: " + growth));
        daemons.removeContainers();
        return new SoakReport(
                plan, sum.done() - 2 * plan.parallel(), board.sum(), Map.copyOf(kills), took, before, after);
    }

    private ClientProcess newClient() throws IOException {
        return new ClientProcess(
                daemons.dir(), "unix:" + daemons.hawsed().socket(), plan.parallel() / plan.clients(), board);
    }

    private void enter(int from, int to) {
        for (int i = from; i < to; i++) {
            var container = daemons.containers().get(random.nextInt(plan.containers()));
            board.add(new Ticket(plan.seed(), i, plan.largest(), plan.kills(), 0, container));
        }
    }

    /** Until all that was entered has ended. */
    private void fly(boolean killing) throws IOException, InterruptedException {
        var last = System.nanoTime();
        var done = board.sum().done();
        var end = System.nanoTime() + plan.limit().toNanos();
        int first = done;
        clients.forEach(ClientProcess::feed);
        while (!board.isEmpty()) {
            board.await(WATCHING);
            var now = board.sum().done();
            if (now != done) {
                if (killing) {
                    killWhatIsDue(done - first, now - first);
                }
                done = now;
                last = System.nanoTime();
            }
            if (System.nanoTime() - last > STALL.toNanos()) {
                board.difference(
                        "nothing has ended for " + STALL.toMinutes() + " minutes; under way: " + board.flights());
                return;
            }
            if (System.nanoTime() > end) {
                board.stop();
            }
            tell();
            clients.forEach(ClientProcess::feed);
        }
    }

    private void killWhatIsDue(int before, int now) throws IOException, InterruptedException {
        if (isDue(before, now, plan.clientEvery())) {
            count(Disturbance.CLIENT);
            var index = random.nextInt(clients.size());
            clients.get(index).kill();
            clients.set(index, newClient());
        }
        if (isDue(before, now, plan.serverEvery())) {
            count(Disturbance.SERVER);
            board.disturb(Disturbance.SERVER);
            daemons.restartServer();
            board.calm(Disturbance.SERVER);
        }
        if (isDue(before, now, plan.containerdEvery())) {
            count(Disturbance.CONTAINERD);
            board.disturb(Disturbance.CONTAINERD);
            daemons.restartContainerd();
            board.calm(Disturbance.CONTAINERD);
        }
    }

    /** Half-way between two multiples, so that the last commands run in peace. */
    private static boolean isDue(int before, int now, int every) {
        return every > 0 && (before + every / 2) / every != (now + every / 2) / every;
    }

    private void count(Disturbance what) {
        kills.merge(what, 1, Integer::sum);
    }

    /** Only what was under way can have been cut off. */
    private void checkCutStarts() {
        var cut = board.sum().outcomes().getOrDefault(Outcome.START_LOST, 0);
        var most = plan.parallel()
                * (kills.getOrDefault(Disturbance.SERVER, 0) + kills.getOrDefault(Disturbance.CONTAINERD, 0));
        if (cut > most) {
            board.difference("%d starts were cut off, more than the %d that were under way".formatted(cut, most));
        }
    }

    /** Whether each command ran once in its container. */
    private void checkLedgers() {
        var lines = new HashMap<Integer, Integer>();
        for (var container : daemons.containers()) {
            ledger(container).lines().forEach(line -> lines.merge(Integer.parseInt(line), 1, Integer::sum));
        }
        lines.forEach((number, times) -> {
            if (times > 1) {
                board.difference("command %d ran %d times".formatted(number, times));
            }
        });
        board.ran().stream()
                .filter(number -> !lines.containsKey(number))
                .forEach(number ->
                        board.difference("command %d is said to have ended, and never ran".formatted(number)));
    }

    /** A container that executes nothing any more is a difference, too. */
    private String ledger(String container) {
        try {
            return daemons.client().run(container, "cat", SoakCommand.LEDGER).stdoutUtf8();
        } catch (HawseException e) {
            board.difference("what ran in container " + container + " cannot be read: " + e.getMessage());
            return "";
        }
    }

    /**
     * Counts until there is no more than before, or it has had time enough. At first, until no record of a command is left
     * and nothing goes any more.
     */
    private SoakCensus settled(@Nullable SoakCensus before) throws InterruptedException {
        var end = System.nanoTime() + SETTLING.plus(plan.retention()).toNanos();
        var last = SoakCensus.take(daemons, plan.kills());
        while (System.nanoTime() < end) {
            Thread.sleep(COUNTING.toMillis());
            var now = SoakCensus.take(daemons, plan.kills());
            var isFlat = before == null
                    ? now.counts().getOrDefault(SoakCensus.RECORDS, 0L) == 0
                            && last.growth(now).isEmpty()
                    : now.growth(before).isEmpty();
            last = now;
            if (isFlat) {
                break;
            }
        }
        return last;
    }

    private void tell() {
        if (System.nanoTime() < nextProgress) {
            return;
        }
        nextProgress = System.nanoTime() + PROGRESS.toNanos();
        var sum = board.sum();
        sum.differences().stream().skip(told).forEach(progress);
        told = sum.differences().size();
        progress.accept("%4d s: %d done, %d under way, %d MiB, kills %s, %s, %d wrong"
                .formatted(
                        (System.nanoTime() - began) / 1_000_000_000,
                        sum.done(),
                        sum.flying(),
                        sum.bytes() >> 20,
                        kills,
                        sum.outcomes(),
                        sum.wrong()));
    }

    @Override
    public void close() {
        clients.forEach(ClientProcess::close);
        daemons.close();
    }
}
