package dev.hawse.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** Several ways to do one thing, timed in one run in random order, and told as a table of ratios to the first. */
final class Comparison {

    /** One way; throws when it did not do what it should. */
    interface Way {
        void once() throws Exception;
    }

    private final String what;
    private final List<Contestant> contestants = new ArrayList<>();
    private final Random random = new Random(42);

    private record Contestant(String name, Way way, Histogram times, boolean warmsUp) {}

    Comparison(String what) {
        this.what = what;
    }

    Comparison add(String name, Way way) {
        contestants.add(new Contestant(name, way, new Histogram(3), true));
        return this;
    }

    /** Adds a way that is a fresh process each time and has nothing to warm up. */
    Comparison addProcess(String name, Way way) {
        contestants.add(new Contestant(name, way, new Histogram(3), false));
        return this;
    }

    /** Goes every way without counting. */
    Comparison warmUp(int rounds) throws Exception {
        for (int i = 0; i < rounds; i++) {
            for (var contestant : shuffled()) {
                if (contestant.warmsUp()) {
                    contestant.way().once();
                }
            }
        }
        return this;
    }

    /** The same by several callers at once, for what takes many rounds to get warm. */
    Comparison warmUp(int rounds, int callers) throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = IntStream.range(0, callers)
                    .mapToObj(_ -> threads.submit(() -> warmUp(rounds / callers)))
                    .toList();
            for (var one : all) {
                one.get();
            }
        }
        return this;
    }

    void run(int rounds) throws Exception {
        for (int i = 0; i < rounds; i++) {
            for (var contestant : shuffled()) {
                var began = System.nanoTime();
                contestant.way().once();
                contestant.times().recordValue((System.nanoTime() - began) / 1000);
            }
        }
    }

    private List<Contestant> shuffled() {
        var order = new ArrayList<>(contestants);
        Collections.shuffle(order, random);
        return order;
    }

    /** Markdown; every ratio is to the last row, the peer to be measured by. */
    String table() {
        var peer = contestants.getLast().times();
        var table = new StringBuilder(
                "\n### " + what
                        + "\n\n| way | n | p50 | p90 | p99 | max | p50 ratio | p99 ratio |\n|---|---|---|---|---|---|---|---|\n");
        for (var contestant : contestants) {
            var h = contestant.times();
            table.append("| %s | %d | %s | %s | %s | %s | %.2f | %.2f |%n"
                    .formatted(
                            contestant.name(),
                            h.getTotalCount(),
                            time(h.getValueAtPercentile(50)),
                            time(h.getValueAtPercentile(90)),
                            time(h.getValueAtPercentile(99)),
                            time(h.getMaxValue()),
                            ratio(h, peer, 50),
                            ratio(h, peer, 99)));
        }
        return table.toString();
    }

    private static double ratio(Histogram a, Histogram b, double percentile) {
        return (double) a.getValueAtPercentile(percentile) / b.getValueAtPercentile(percentile);
    }

    private static String time(long micros) {
        return micros < 10_000 ? micros + " µs" : "%.1f ms".formatted(micros / 1000.0);
    }
}
