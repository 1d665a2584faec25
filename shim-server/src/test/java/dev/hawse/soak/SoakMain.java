package dev.hawse.soak;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** The program behind {@code scripts/bench soak}: progress on standard error, the report on standard output. */
final class SoakMain {

    private static final int LARGEST = 4 << 20;
    private static final int CLIENT = 100;
    private static final int SERVER = 1000;
    private static final int CONTAINERD = 2000;
    private static final Duration RETENTION = Duration.ofSeconds(60);

    private SoakMain() {}

    /** Arguments: a folder, how many commands, how many minutes, the seed, and whether somebody is killed. */
    public static void main(String[] args) throws IOException, InterruptedException {
        var kills = Boolean.parseBoolean(args[4]);
        var plan = new Plan(
                Long.parseLong(args[3]),
                Integer.parseInt(args[1]),
                Duration.ofMinutes(Long.parseLong(args[2])),
                16,
                2,
                4,
                LARGEST,
                kills ? CLIENT : 0,
                kills ? SERVER : 0,
                kills ? CONTAINERD : 0,
                RETENTION);
        System.err.println("seed " + plan.seed());
        var soak = new Soak(plan, Path.of(args[0]), System.err::println);
        Runtime.getRuntime().addShutdownHook(new Thread(soak::close));
        var report = soak.run();
        System.out.println(report.markdown());
        System.exit(report.passed() ? 0 : 1);
    }
}
