package dev.hawse.faults;

import static dev.hawse.faults.Daemons.busybox;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.ContainerState;
import dev.hawse.client.ExecSpec;
import dev.hawse.client.ExecState;
import dev.hawse.client.ExitStatus;
import dev.hawse.client.HawseException;
import dev.hawse.client.HawseException.Reason;
import dev.hawse.client.LogQuery;
import dev.hawse.faults.Hawsed.Setup;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens when the disk with state and logs takes nothing more, while server and containers run. */
@Timeout(120)
final class DiskFaultsIT {

    @RegisterExtension
    static final Daemons DAEMONS = new Daemons();

    private static final Duration SOON = Duration.ofSeconds(20);
    private static final int PIECE = 3000;

    /** Numbered lines at a pace that any reader keeps, and where it is in a file of its own. */
    private static final String WRITER = """
            i=10000000; echo $i > /tmp/now
            while :; do
              seq $i $((i + %d)); i=$((i + %d)); echo $i > /tmp/new; mv /tmp/new /tmp/now; sleep 0.05
            done
            """.formatted(PIECE - 1, PIECE);

    private static HawseException failing(ThrowingCallable call) {
        var failure = catchThrowableOfType(HawseException.class, call);
        assertThat(failure).isNotNull();
        return failure;
    }

    private static long written(String box) {
        return Long.parseLong(
                DAEMONS.client().run(box, "cat", "/tmp/now").stdoutUtf8().strip());
    }

    private static void goesOn(String box) {
        var now = written(box);
        await().atMost(SOON).until(() -> written(box) > now + 3L * PIECE);
    }

    /** F33. */
    @Test
    void aDiskThatTurnsReadOnlyRefusesWhatMustBeRememberedAndHoldsNothingElseBack() throws IOException {
        DAEMONS.hawsed().kill();
        try (var disk =
                new BrittleDisk(DAEMONS.hawsed().stateDir(), DAEMONS.dir().resolve("disk"))) {
            DAEMONS.hawsed().start(Setup.PLAIN);
            var execs = DAEMONS.client().execs();
            var box = DAEMONS.run(busybox("sh", "-c", "mkfifo /tmp/end; " + WRITER))
                    .id();
            var before = execs.start(box, ExecSpec.of("sh", "-c", "read x < /tmp/end; exit 6"));
            try (var session =
                    DAEMONS.client().exec(box, ExecSpec.builder("cat").stdin().build())) {
                disk.turnReadOnly();
                refusedInWords(() -> execs.start(box, ExecSpec.of("true")));
                var other = DAEMONS.create(busybox("true")).id();
                refusedInWords(() -> DAEMONS.containers().start(other));
                DAEMONS.containers().remove(other);
                session.stdin().write("still here\n".getBytes(UTF_8));
                assertThat(new String(session.stdout().readNBytes(11), UTF_8)).isEqualTo("still here\n");
                goesOn(box);
            }
            DAEMONS.client().run(box, "sh", "-c", "echo > /tmp/end");
            assertThat(ended(before.id())).isEqualTo(new ExitStatus.Code(6));
            DAEMONS.containers().kill(box);
            assertThat(DAEMONS.containers().waitFor(box).orElseThrow().status()).isEqualTo(new ExitStatus.Signal(9));
            refusedInWords(() -> DAEMONS.containers().remove(box));

            DAEMONS.hawsed().kill();
            await().atMost(SOON).untilAsserted(disk::mend);
            DAEMONS.hawsed().start(Setup.PLAIN);
            assertThat(DAEMONS.leftovers()).isEmpty();
            worksAgain(DAEMONS.idle());
            DAEMONS.hawsed().kill();
        }
        DAEMONS.hawsed().start(Setup.PLAIN);
    }

    private static void refusedInWords(ThrowingCallable call) {
        var failure = failing(call);
        assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(Reason.STATE_UNAVAILABLE);
        assertThat(failure)
                .hasMessageContaining(DAEMONS.hawsed().stateDir().toString())
                .message()
                .containsIgnoringCase("read-only");
    }

    private static ExitStatus ended(String id) {
        var execs = DAEMONS.client().execs();
        await().atMost(SOON).until(() -> execs.get(id).state() == ExecState.EXITED);
        return Objects.requireNonNull(execs.get(id).exit()).status();
    }

    private static void worksAgain(String box) {
        var id = DAEMONS.client()
                .execs()
                .start(box, ExecSpec.of("sh", "-c", "exit 5"))
                .id();
        assertThat(ended(id)).isEqualTo(new ExitStatus.Code(5));
        DAEMONS.containers().remove(box, true);
    }

    /** F32. */
    @Test
    void aDiskThatIsSlowHoldsNobodyBackButWhoMustWaitForIt() throws Exception {
        DAEMONS.hawsed().kill();
        try (var disk =
                new BrittleDisk(DAEMONS.hawsed().stateDir(), DAEMONS.dir().resolve("disk"))) {
            DAEMONS.hawsed().start(Setup.PLAIN);
            var box = DAEMONS.run(busybox("sh", "-c", WRITER)).id();
            try (var log = DAEMONS.containers().logs(box, LogQuery.FOLLOW);
                    var session = DAEMONS.client()
                            .exec(box, ExecSpec.builder("cat").stdin().build())) {
                disk.freeze();
                CompletableFuture<String> remembered;
                try {
                    remembered = CompletableFuture.supplyAsync(() -> DAEMONS.client()
                            .execs()
                            .start(box, ExecSpec.of("true"))
                            .id());
                    session.stdin().write("still here\n".getBytes(UTF_8));
                    assertThat(new String(session.stdout().readNBytes(11), UTF_8))
                            .isEqualTo("still here\n");
                    var began = System.nanoTime();
                    for (int i = 0; i < 5; i++) {
                        assertThat(DAEMONS.client().run(box, "echo", "alive").stdoutUtf8())
                                .isEqualTo("alive\n");
                        assertThat(DAEMONS.containers().get(box).state()).isEqualTo(ContainerState.RUNNING);
                    }
                    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
                    assertThat(remembered).isNotDone();
                } finally {
                    disk.thaw();
                }
                assertThat(ended(remembered.get(20, TimeUnit.SECONDS))).isEqualTo(new ExitStatus.Code(0));
                var lines = new NumberedLines();
                while (lines.at() < 1_000_000) {
                    lines.next(log.next().data());
                }
                goesOn(box);
            }
            DAEMONS.containers().remove(box, true);
            DAEMONS.hawsed().kill();
        }
        DAEMONS.hawsed().start(Setup.PLAIN);
    }

    /** F31. */
    @Test
    void aFullDiskRefusesWhatMustBeRememberedDropsLogsInWordsAndHoldsNobodyBack() throws IOException {
        DAEMONS.hawsed().kill();
        try (var disk = new SmallDisk(DAEMONS.hawsed().stateDir(), 32 << 20)) {
            DAEMONS.hawsed().start(Setup.PLAIN);
            var execs = DAEMONS.client().execs();
            var box = DAEMONS.run(busybox("sh", "-c", WRITER)).id();
            var kept = DAEMONS.idle();
            String ended;
            try (var log = DAEMONS.containers().logs(box, LogQuery.FOLLOW)) {
                var lines = new NumberedLines();
                while (lines.at() < 100_000) {
                    lines.next(log.next().data());
                }
                ended = execs.start(kept, ExecSpec.of("sh", "-c", "sleep 3; exit 7"))
                        .id();
                disk.fill();
                var refused = failing(() -> execs.start(box, ExecSpec.of("true")));
                assertThat(refused.reason()).as(refused.getMessage()).isEqualTo(Reason.STATE_FULL);
                goesOn(box);
                assertThat(ended(ended)).isEqualTo(new ExitStatus.Code(7));
                disk.empty();
                while (lines.gaps() == 0 || lines.at() < lines.missing() + 1_000_000) {
                    var record = log.next();
                    if (record.missing() > 0) {
                        assertThat(record.why()).isEqualTo("the server's disk was full");
                        lines.gap(record.missing());
                    } else {
                        lines.next(record.data());
                    }
                }
            }
            worksAgain(box);
            DAEMONS.hawsed().kill();
            DAEMONS.hawsed().start(Setup.PLAIN);
            assertThat(ended(ended)).isEqualTo(new ExitStatus.Code(7));
            DAEMONS.containers().remove(kept, true);
            DAEMONS.hawsed().kill();
        }
        DAEMONS.hawsed().start(Setup.PLAIN);
    }
}
