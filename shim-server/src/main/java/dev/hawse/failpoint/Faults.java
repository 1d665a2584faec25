package dev.hawse.failpoint;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/**
 * What is to fail, and how: {@code NAME:FAULT} with commas between. A fault is {@code exit} (the JVM is gone at once, with
 * status 137, as after a kill -9), {@code throw} (an {@link IllegalStateException}), {@code delay(MILLISECONDS)} or
 * {@code exhaust} (the heap is used up); {@code N*} before it lets it strike the first N times only.
 */
final class Faults {

    static final int KILLED = 137;

    private static final Pattern FAULT = Pattern.compile(
            "(?<name>[a-z.-]+):((?<times>[0-9]+)\\*)?(?<kind>exit|throw|exhaust|delay\\((?<ms>[0-9]+)\\))");

    private final Map<String, Fault> byName = new LinkedHashMap<>();

    private Faults() {}

    private record Fault(String kind, Duration delay, AtomicInteger left) {}

    static Faults parse(String text) {
        var faults = new Faults();
        for (var part : text.isBlank() ? List.<String>of() : List.of(text.split(",", -1))) {
            var match = FAULT.matcher(part);
            if (!match.matches()) {
                throw new IllegalArgumentException("hawse.failpoints: is not understood (got " + part
                        + "), allowed is NAME:[N*]FAULT with exit, throw,"
                        + " exhaust or delay(MILLISECONDS) for FAULT");
            }
            var times = match.group("times");
            var ms = match.group("ms");
            faults.byName.put(
                    match.group("name"),
                    new Fault(
                            match.group("kind"),
                            Duration.ofMillis(ms == null ? 0 : Long.parseLong(ms)),
                            new AtomicInteger(times == null ? Integer.MAX_VALUE : Integer.parseInt(times))));
        }
        return faults;
    }

    boolean none() {
        return byName.isEmpty();
    }

    void strike(String name) {
        var fault = byName.get(name);
        if (fault == null || fault.left().getAndDecrement() <= 0) {
            return;
        }
        switch (fault.kind()) {
            case "exit" -> Runtime.getRuntime().halt(KILLED);
            case "throw" -> throw new IllegalStateException("fail-point " + name);
            case "exhaust" -> exhaust();
            default -> sleep(fault.delay());
        }
    }

    /** Not by one allocation that is too large, which other threads would not notice. */
    private static void exhaust() {
        var hoard = new ArrayList<byte[]>();
        while (hoard.size() < Integer.MAX_VALUE) {
            hoard.add(new byte[1 << 20]);
        }
    }

    private static void sleep(Duration time) {
        var until = System.nanoTime() + time.toNanos();
        for (var left = time.toNanos(); left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
