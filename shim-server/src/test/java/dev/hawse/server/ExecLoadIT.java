package dev.hawse.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.ExecSession;
import dev.hawse.client.ExecSpec;
import dev.hawse.client.ExitStatus;
import dev.hawse.testing.ContainerdFixture;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Many bytes, many commands, and callers that do not read, through client, socket, server and containerd. */
@Timeout(120)
final class ExecLoadIT {

    private static final int MIB = 1 << 20;

    @RegisterExtension
    @Order(1)
    static final ContainerdFixture CONTAINERD = new ContainerdFixture();

    @RegisterExtension
    @Order(2)
    static final LiveServer SERVER = new LiveServer(CONTAINERD);

    /** Writes pseudo-random bytes and closes the stream; answers their digest. */
    private static String writeRandom(OutputStream to, int bytes) throws IOException {
        var digest = sha256();
        var random = new Random(1);
        var piece = new byte[MIB];
        try (to) {
            for (var left = bytes; left > 0; left -= piece.length) {
                random.nextBytes(piece);
                digest.update(piece);
                to.write(piece);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String digest(InputStream from) throws IOException {
        var digest = sha256();
        new DigestInputStream(from, digest).transferTo(OutputStream.nullOutputStream());
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static long heapAfterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static <T> List<T> all(List<Callable<T>> tasks) throws Exception {
        var results = new ArrayList<T>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<T> future : threads.invokeAll(tasks)) {
                results.add(future.get());
            }
        }
        return results;
    }

    @Test
    void manyBytesGoBothWaysAtOnce() throws Exception {
        var box = SERVER.idle();
        var began = System.nanoTime();
        try (var session =
                SERVER.client().exec(box, ExecSpec.builder("cat").stdin().build())) {
            var digests = all(List.<Callable<String>>of(
                    () -> writeRandom(session.stdin(), 64 * MIB), () -> digest(session.stdout())));
            var seconds = (System.nanoTime() - began) / 1e9;
            assertThat(digests.get(1)).isEqualTo(digests.get(0));
            assertThat(session.awaitExit().stdoutBytes()).isEqualTo(64 * MIB);
            assertThat(64 / seconds).as("MiB per second").isGreaterThan(10);
        }
    }

    @Test
    void readerThatPausesLosesNothing() throws IOException {
        var box = SERVER.idle();
        var expected = sha256();
        for (var i = 1; i <= 2_000_000; i++) {
            expected.update((i + "\n").getBytes(UTF_8));
        }
        try (var session = SERVER.client().exec(box, ExecSpec.of("seq", "1", "2000000"))) {
            assertThat(session.stdout().read()).isEqualTo('1');
            // The command is held back, as by a full pipe, for as long as nobody reads.
            await().during(Duration.ofSeconds(1)).until(() -> commands(box).contains("seq 1 2000000"));
            var rest = sha256();
            rest.update((byte) '1');
            new DigestInputStream(session.stdout(), rest).transferTo(OutputStream.nullOutputStream());
            assertThat(rest.digest()).isEqualTo(expected.digest());
            assertThat(session.awaitExit().success()).isTrue();
            assertThat(session.missedBytes()).isZero();
        }
    }

    @Test
    void stalledReaderHoldsNobodyElseBack() throws Exception {
        var box = SERVER.idle();
        try (var stalled = SERVER.client().exec(box, ExecSpec.of("yes"))) {
            assertThat(stalled.stdout().read()).isEqualTo('y');
            for (var i = 0; i < 5; i++) {
                assertThat(SERVER.client().run(box, "seq", "1", "100000").stdout())
                        .hasSize(588_895);
            }
        }
    }

    @Test
    void commandThatReadsNothingHoldsItsWriterBack() throws Exception {
        var box = SERVER.idle();
        var before = heapAfterCollection();
        var written = new AtomicLong();
        var session = SERVER.client()
                .exec(box, ExecSpec.builder("sleep", "1000").stdin().build());
        var writer = Thread.ofVirtual().start(() -> flood(session.stdin(), written));
        try {
            await().during(Duration.ofSeconds(1)).until(new Callable<>() {
                private long last = -1;

                @Override
                public Boolean call() {
                    var now = written.get();
                    var still = now == last && now > 0;
                    last = now;
                    return still;
                }
            });
            assertThat(written.get()).isLessThan(8L * MIB);
            assertThat(heapAfterCollection() - before).isLessThan(32L * MIB);
        } finally {
            session.close();
            writer.join();
        }
        await().until(() -> commands(box).stream().noneMatch(c -> c.equals("sleep 1000")));
    }

    private static void flood(OutputStream stdin, AtomicLong written) {
        try {
            for (var piece = new byte[64 << 10]; written.get() < 1024L * MIB; written.addAndGet(piece.length)) {
                stdin.write(piece);
            }
        } catch (IOException closed) {
            // The session was closed under the writer's hands, as it should be.
        }
    }

    @Test
    void manyCommandsAtOnceAllSucceedWithTheirOwnCodes() throws Exception {
        var box = SERVER.idle();
        var threadsBefore = ManagementFactory.getThreadMXBean().getThreadCount();
        var tasks = new ArrayList<Callable<Void>>();
        for (var i = 0; i < 250; i++) {
            var n = i;
            tasks.add(() -> {
                var result = SERVER.client().run(box, "sh", "-c", "echo " + n + "; exit " + n % 200);
                assertThat(result.status()).isEqualTo(new ExitStatus.Code(n % 200));
                assertThat(result.stdoutUtf8()).isEqualTo(n + "\n");
                return null;
            });
        }
        all(tasks);
        assertThat(ManagementFactory.getThreadMXBean().getThreadCount() - threadsBefore)
                .as("platform threads more than before")
                .isLessThan(32);
    }

    @Test
    void manyLiveCommandsNeedNoThreadEach() throws Exception {
        var box = SERVER.idle();
        var threadsBefore = ManagementFactory.getThreadMXBean().getThreadCount();
        var sessions = all(Collections.nCopies(50, (Callable<ExecSession>)
                () -> SERVER.client().exec(box, ExecSpec.builder("cat").stdin().build())));
        assertThat(ManagementFactory.getThreadMXBean().getThreadCount() - threadsBefore)
                .isLessThan(32);
        for (var session : sessions) {
            session.stdin().write(new byte[] {'x'});
            session.stdin().close();
            assertThat(session.stdout().readAllBytes()).isEqualTo(new byte[] {'x'});
            assertThat(session.awaitExit().success()).isTrue();
            session.close();
        }
    }

    @Test
    void aMillionSmallWritesNeedNoMemory() throws IOException {
        var box = SERVER.idle();
        try (var session =
                SERVER.client().exec(box, ExecSpec.builder("wc", "-c").stdin().build())) {
            var stdin = session.stdin();
            for (var i = 0; i < 100_000; i++) {
                stdin.write('x');
            }
            var before = heapAfterCollection();
            for (var i = 100_000; i < 1_000_000; i++) {
                stdin.write('x');
            }
            assertThat(heapAfterCollection() - before).isLessThan(16L * MIB);
            stdin.close();
            assertThat(new String(session.stdout().readAllBytes(), UTF_8).strip())
                    .isEqualTo("1000000");
        }
    }

    private static List<String> commands(String box) {
        return SERVER.client().containers().processes(box).stream()
                .map(p -> String.join(" ", p.args()))
                .toList();
    }
}
