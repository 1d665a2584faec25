package dev.hawse.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.Exec;
import dev.hawse.client.ExecSpec;
import dev.hawse.client.ExecState;
import dev.hawse.client.ExitStatus;
import dev.hawse.client.HawseException;
import dev.hawse.client.HawseException.Code;
import dev.hawse.client.TerminalSize;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Starts in the middle of which containerd is killed. */
@Timeout(180)
final class CutStartsIT {

    private static final int COMMANDS = 90;
    private static final int KILLS = 3;
    private static final int TERMINAL_KILLS = 6;
    private static final Duration SOON = Duration.ofSeconds(60);

    /** What a caller with a request id is to ask again after. */
    private static final Set<Code> PASSING = Set.of(Code.UNAVAILABLE, Code.TIMEOUT);

    @RegisterExtension
    static final Daemons DAEMONS = new Daemons();

    private final AtomicInteger refusals = new AtomicInteger();

    @Test
    void everyRequestIsAnsweredInTheEndAndRunsAtMostOnce() throws Exception {
        var box = DAEMONS.idle();
        var answered = new AtomicInteger();
        List<Exec> ends;
        try (var callers = Executors.newFixedThreadPool(16)) {
            var calls = IntStream.range(0, COMMANDS)
                    .mapToObj(n -> CompletableFuture.supplyAsync(
                            () -> {
                                var end = ended(startPatiently(box, n));
                                answered.incrementAndGet();
                                return end;
                            },
                            callers))
                    .toList();
            for (int kill = 1; kill <= KILLS; kill++) {
                var due = COMMANDS * kill / (KILLS + 1);
                await().atMost(SOON).until(() -> answered.get() >= due);
                DAEMONS.restartContainerd();
            }
            ends = calls.stream().map(CompletableFuture::join).toList();
        }
        assertThat(refusals).hasPositiveValue();
        var ran = DAEMONS.client()
                .run(box, "cat", "/tmp/ran")
                .stdoutUtf8()
                .lines()
                .map(Integer::parseInt)
                .toList();
        assertThat(ran).doesNotHaveDuplicates();
        for (int n = 0; n < COMMANDS; n++) {
            var exit = Objects.requireNonNull(ends.get(n).exit());
            if (exit.status() instanceof ExitStatus.Lost lost) {
                assertThat(lost.reason()).contains("not known whether it ran");
            } else {
                assertThat(exit.status()).isEqualTo(new ExitStatus.Code(7));
                assertThat(Collections.frequency(ran, n))
                        .as("runs of command %d", n)
                        .isEqualTo(1);
            }
        }
    }

    /** The shim of containerd 1.6 leaves it to its garbage collector to free a terminal whose start was cut off. */
    @Test
    void terminalsOfStartsThatWereCutOffAreFreed() throws Exception {
        var box = DAEMONS.idle();
        var shim = DAEMONS.containerd().shim(box);
        var answered = new AtomicInteger();
        try (var callers = Executors.newFixedThreadPool(8)) {
            var calls = IntStream.range(0, COMMANDS)
                    .mapToObj(n -> CompletableFuture.runAsync(
                            () -> {
                                runOnTerminal(box, n % 2 == 0);
                                answered.incrementAndGet();
                            },
                            callers))
                    .toList();
            for (int kill = 1; kill <= TERMINAL_KILLS; kill++) {
                var due = COMMANDS * kill / (TERMINAL_KILLS + 1);
                await().atMost(SOON).until(() -> answered.get() >= due);
                DAEMONS.restartContainerd();
            }
            calls.forEach(CompletableFuture::join);
        }
        await().atMost(SOON)
                .pollInterval(Duration.ofSeconds(1))
                .until(() -> Processes.descriptors(shim, "/dev/pt") == 0);
    }

    private static void runOnTerminal(String box, boolean stdin) {
        var spec = ExecSpec.builder("sh", "-c", "exit 7").terminal(new TerminalSize(80, 24));
        if (stdin) {
            spec.stdin();
        }
        try (var session = DAEMONS.client().exec(box, spec.build())) {
            session.awaitExit();
        } catch (HawseException e) {
            // Its start was cut off, or refused while containerd was away.
            assertThat(e.code()).as(e.getMessage()).isNotEqualTo(Code.INTERNAL);
        }
    }

    private Exec startPatiently(String box, int number) {
        var spec = ExecSpec.builder("sh", "-c", "echo " + number + " >>/tmp/ran; exit 7")
                .requestId("cut-" + number)
                .build();
        return await().atMost(SOON)
                .pollInterval(Duration.ofMillis(100))
                .until(
                        () -> {
                            try {
                                return DAEMONS.client().execs().start(box, spec);
                            } catch (HawseException e) {
                                assertThat(PASSING).as(e.getMessage()).contains(e.code());
                                refusals.incrementAndGet();
                                return null;
                            }
                        },
                        Objects::nonNull);
    }

    private static Exec ended(Exec exec) {
        return await().atMost(SOON)
                .pollInterval(Duration.ofMillis(100))
                .until(() -> DAEMONS.client().execs().get(exec.id()), now -> now.state() == ExecState.EXITED);
    }
}
