package dev.hawse.faults;

import static dev.hawse.faults.Daemons.busybox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.AttachSession;
import dev.hawse.client.AttachSpec;
import dev.hawse.client.LogQuery;
import dev.hawse.client.OutputGap;
import dev.hawse.client.OutputKind;
import dev.hawse.client.OutputListener;
import dev.hawse.client.TerminalSize;
import dev.hawse.faults.Hawsed.Setup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** F48: a log that turns its files many times, under those who read it. */
@Timeout(120)
final class LogRotationIT {

    @RegisterExtension
    static final Daemons DAEMONS = new Daemons();

    private static final long FILE = 256 << 10;
    private static final int FILES = 4;
    private static final int PIECES = 30;
    private static final int PIECE = 10_000;
    private static final long BYTES = (long) PIECES * PIECE * NumberedLines.WIDTH;

    /** Waits until everybody is there. */
    private static final String GO = "while [ ! -e /tmp/go ]; do sleep 0.05; done; ";

    /** Ten files' worth, not faster than a reader that is there can read. */
    private static final String PACED =
            "i=10000000; while [ $i -lt %d ]; do seq $i $((i + %d)); i=$((i + %d)); sleep 0.1; done"
                    .formatted(10_000_000 + PIECES * PIECE, PIECE - 1, PIECE);

    @BeforeAll
    static void smallFiles() throws IOException {
        DAEMONS.restart(Setup.PLAIN.set("logs.max-size=256KiB", "logs.max-files=" + FILES));
    }

    private static void go(String box) {
        DAEMONS.client().run(box, "touch", "/tmp/go");
    }

    /** How many bytes the log's files have together. */
    private static long size(String box) {
        try (var files = Files.list(DAEMONS.hawsed().stateDir().resolve("logs").resolve(box))) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static NumberedLines follow(String box) {
        var lines = new NumberedLines();
        try (var log = DAEMONS.containers().logs(box, LogQuery.FOLLOW)) {
            go(box);
            while (log.hasNext()) {
                var record = log.next();
                if (record.missing() > 0) {
                    lines.gap(record.missing());
                } else {
                    lines.next(record.data());
                }
                assertThat(size(box)).isLessThanOrEqualTo(FILES * FILE + (64 << 10));
            }
        }
        return lines;
    }

    @Test
    void whoFollowsInTimeMissesNoByteAndGetsNoneTwice() {
        var box = DAEMONS.run(busybox("sh", "-c", GO + PACED)).id();
        var lines = follow(box);
        assertThat(lines.at()).isEqualTo(BYTES);
        assertThat(lines.missing()).isZero();
    }

    @Test
    void whoCannotKeepUpIsToldHowManyBytesAreMissingWhere() {
        var lines = 3_000_000;
        var box = DAEMONS.run(busybox("sh", "-c", GO + NumberedLines.seq(0, lines)))
                .id();
        assertThat(follow(box).at()).isEqualTo((long) lines * NumberedLines.WIDTH);
    }

    /** Checks what a viewer is handed. */
    private static final class Checker implements OutputListener {
        private final NumberedLines lines = new NumberedLines();

        @Override
        public void output(OutputKind stream, ByteBuffer data) {
            lines.next(data);
        }

        @Override
        public void gap(OutputGap gap) {
            lines.gap(gap.bytes());
        }
    }

    @Test
    void everyViewerOfATerminalGetsEveryByteWhileItsLogTurns() {
        var box = DAEMONS.run(busybox("sh", "-c", "stty -onlcr; " + GO + PACED).terminal(new TerminalSize(80, 24)))
                .id();
        var sessions = new ArrayList<AttachSession>();
        try {
            var checkers = new ArrayList<Checker>();
            for (int i = 0; i < 5; i++) {
                var session = DAEMONS.containers().attach(box, AttachSpec.WATCH);
                sessions.add(session);
                checkers.add(new Checker());
                session.onOutput(checkers.getLast());
            }
            go(box);
            // One leaves in the middle.
            await().atMost(Duration.ofSeconds(20)).until(() -> size(box) > FILE);
            sessions.getFirst().close();
            for (var i : List.of(1, 2, 3, 4)) {
                assertThat(sessions.get(i).awaitExit().success()).isTrue();
                assertThat(checkers.get(i).lines.at()).isEqualTo(BYTES);
                assertThat(checkers.get(i).lines.missing()).isZero();
            }
        } finally {
            sessions.forEach(AttachSession::close);
        }
        assertThat(size(box)).isBetween(FILE, FILES * FILE + (64 << 10));
    }
}
