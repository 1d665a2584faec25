package dev.hawse.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.api.runtime.v1.ExecRequest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What {@link ProcessSession} promises of output that nobody reads. */
@Timeout(60)
class UnreadOutputTest {

    private static final int CHUNK = 32 << 10;
    private static final long MUCH = 64L << 20;

    @TempDir
    Path spill;

    private final AtomicLong sent = new AtomicLong();

    /** A command that floods its standard output, then says something on the other, and exits. */
    private FakeExec flood(long bytes) {
        return FakeExec.started(s -> {
            for (long at = 0; at < bytes; at += CHUNK) {
                s.send(FakeExec.stdout(FakeExec.pattern(at, CHUNK)));
                sent.addAndGet(CHUNK);
            }
            s.send(FakeExec.stderr("done"));
            s.send(FakeExec.exited(0));
        });
    }

    private static void assertPattern(InputStream in, long bytes) throws IOException {
        var buffer = new byte[100_000];
        long at = 0;
        for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            for (int i = 0; i < n; i++) {
                if (buffer[i] != FakeExec.at(at + i)) {
                    throw new AssertionError("byte " + (at + i) + " is not what was sent");
                }
            }
            at += n;
        }
        assertThat(at).isEqualTo(bytes);
    }

    private interface Body {
        void run(ExecSession session) throws Exception;
    }

    private void with(FakeExec exec, Body body) throws Exception {
        try (var server = new FakeServer(exec);
                var client = HawseClient.builder()
                        .address(server.address())
                        .spillDirectory(spill)
                        .build();
                var session = client.exec("web", ExecSpec.builder("x").stdin().build())) {
            body.run(session);
        }
        assertThat(spill).isEmptyDirectory();
    }

    @Test
    void readingOnlyTheOtherStreamDoesNotBlock() throws Exception {
        with(flood(MUCH), session -> {
            assertThat(session.stderr().readAllBytes()).asString().isEqualTo("done");
            assertPattern(session.stdout(), MUCH);
            assertThat(session.awaitExit().success()).isTrue();
        });
    }

    @Test
    void readingNothingDoesNotBlockTheExit() throws Exception {
        with(flood(MUCH), session -> {
            assertThat(session.awaitExit().success()).isTrue();
            assertPattern(session.stdout(), MUCH);
        });
    }

    @Test
    void readingNothingDoesNotBlockTheExitFuture() throws Exception {
        with(
                flood(MUCH),
                session -> assertThat(session.onExit().get().success()).isTrue());
    }

    @Test
    void readingALittleOfOneStreamDoesNotBlockTheOther() throws Exception {
        with(flood(MUCH), session -> {
            session.stdout().readNBytes(10);
            assertThat(session.stderr().readAllBytes()).asString().isEqualTo("done");
        });
    }

    @Test
    void streamThatAnotherThreadAbandonedDoesNotBlockForEver() throws Exception {
        with(flood(8 << 20), session -> {
            CompletableFuture.supplyAsync(() -> {
                        try {
                            return session.stdout().readNBytes(10);
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    })
                    .get();
            assertThat(session.onExit().get().success()).isTrue();
        });
    }

    @Test
    void nobodyWaitingHoldsTheProcessBack() throws Exception {
        with(flood(MUCH), session -> {
            assertThatThrownBy(() -> CompletableFuture.runAsync(() -> {
                                while (sent.get() < MUCH) {
                                    Thread.onSpinWait();
                                }
                            })
                            .get(1, TimeUnit.SECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            // The session's window, HTTP/2's, and what the server itself holds; far from the 64 MiB.
            assertThat(sent.get()).isLessThan(8 << 20);
            sent.set(MUCH);
        });
    }

    @Test
    void slowReaderInAnotherThreadHoldsTheProcessBackWhileSomeoneWaitsForTheExit() throws Exception {
        with(flood(MUCH), session -> {
            var go = new CountDownLatch(1);
            var began = new CountDownLatch(1);
            var reader = CompletableFuture.runAsync(() -> {
                try {
                    session.stdout().readNBytes(CHUNK);
                    began.countDown();
                    go.await();
                    session.stdout().transferTo(java.io.OutputStream.nullOutputStream());
                } catch (IOException | InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            began.await();
            assertThat(session.awaitExit(Duration.ofSeconds(1))).isEmpty();
            assertThat(sent.get()).isLessThan(8 << 20);
            go.countDown();
            reader.get();
            assertThat(session.awaitExit().success()).isTrue();
        });
    }

    @Test
    void listenerThatDoesNotReturnHoldsTheProcessBack() throws Exception {
        with(flood(MUCH), session -> {
            var go = new CountDownLatch(1);
            session.onOutput((kind, data) -> {
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            });
            assertThat(session.awaitExit(Duration.ofSeconds(1))).isEmpty();
            assertThat(sent.get()).isLessThan(8 << 20);
            go.countDown();
            assertThat(session.awaitExit().success()).isTrue();
        });
    }

    @Test
    void closedStreamIsDroppedAndTheOtherStays() throws Exception {
        with(flood(MUCH), session -> {
            session.stdout().close();
            assertThat(session.stderr().readAllBytes()).asString().isEqualTo("done");
            assertThatThrownBy(() -> session.stdout().read()).hasMessageContaining("was closed");
            assertThat(session.awaitExit().success()).isTrue();
        });
    }

    @Test
    void writerOfInputIsNotBlockedByOutputThatNobodyReads() throws Exception {
        var exec = FakeExec.started(s -> {
            for (ExecRequest frame = s.next(); !frame.hasStdinEof(); frame = s.next()) {
                s.send(FakeExec.stderr(frame.getStdin()));
            }
            s.send(FakeExec.exited(0));
        });
        with(exec, session -> {
            for (long at = 0; at < MUCH; at += CHUNK) {
                session.stdin().write(FakeExec.pattern(at, CHUNK).toByteArray());
            }
            session.stdin().close();
            assertThat(session.awaitExit().success()).isTrue();
            assertPattern(session.stderr(), MUCH);
        });
    }

    @Test
    void aMillionTinyChunksStayBounded() throws Exception {
        var exec = FakeExec.started(s -> {
            var one = FakeExec.stdout("x");
            for (int i = 0; i < 300_000; i++) {
                s.send(one);
                sent.incrementAndGet();
            }
            s.send(FakeExec.exited(0));
        });
        with(exec, session -> {
            assertThat(session.awaitExit().success()).isTrue();
            assertThat(session.stdout().readAllBytes()).hasSize(300_000);
        });
    }

    @Test
    void directoryThatCannotBeWrittenFailsTheSession() throws Exception {
        try (var server = new FakeServer(flood(MUCH));
                var client = HawseClient.builder()
                        .address(server.address())
                        .spillDirectory(Path.of("/proc/nowhere"))
                        .build();
                var session = client.exec("web", ExecSpec.of("x"))) {
            assertThatThrownBy(session::awaitExit)
                    .isInstanceOfSatisfying(
                            HawseException.class,
                            e -> assertThat(e.code()).isEqualTo(HawseException.Code.RESOURCE_EXHAUSTED));
        }
    }
}
