package dev.hawse.client;

import static dev.hawse.client.FakeServer.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.api.runtime.v1.ExecRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ExecInputTest {

    @Test
    void inputResizeSignalAndEofArriveInOrder() throws Exception {
        var frames = new LinkedBlockingQueue<ExecRequest>();
        var exec = FakeExec.started(s -> {
            while (true) {
                ExecRequest frame = s.next();
                frames.add(frame);
                if (frame.hasStdinEof()) {
                    s.send(FakeExec.exited(0));
                    return;
                }
            }
        });
        with(exec, client -> {
            try (var session =
                    client.exec("web", ExecSpec.builder("cat").stdin().build())) {
                session.stdin().write("hi".getBytes(StandardCharsets.UTF_8));
                session.resize(new TerminalSize(7, 8));
                session.signal("HUP");
                session.stdin().close();
                session.awaitExit();
            }
            assertThat(frames.take().getStdin().toStringUtf8()).isEqualTo("hi");
            assertThat(frames.take().getResize().getColumns()).isEqualTo(7);
            assertThat(frames.take().getSignal().getSignal()).isEqualTo("HUP");
            assertThat(frames.take().hasStdinEof()).isTrue();
        });
    }

    @Test
    void bigInputComesBackWholeWhenOneThreadWritesAllAndThenReadsAll() throws Exception {
        int size = 48 << 20;
        var exec = FakeExec.started(s -> {
            for (ExecRequest frame = s.next(); !frame.hasStdinEof(); frame = s.next()) {
                s.send(FakeExec.stdout(frame.getStdin()));
            }
            s.send(FakeExec.exited(0));
        });
        with(exec, client -> {
            try (var session =
                    client.exec("web", ExecSpec.builder("cat").stdin().build())) {
                session.stdin().write(FakeExec.pattern(0, size).toByteArray());
                session.stdin().close();
                assertThat(session.stdout().readAllBytes())
                        .isEqualTo(FakeExec.pattern(0, size).toByteArray());
                assertThat(session.awaitExit().success()).isTrue();
            }
        });
    }

    @Test
    void writeBlocksWhileTheServerTakesNothing() throws Exception {
        var go = new CountDownLatch(1);
        var exec = FakeExec.started(s -> {
            go.await();
            for (ExecRequest frame = s.next(); !frame.hasStdinEof(); frame = s.next()) {}
            s.send(FakeExec.exited(0));
        });
        with(exec, client -> {
            try (var session =
                    client.exec("web", ExecSpec.builder("cat").stdin().build())) {
                var written = new java.util.concurrent.atomic.AtomicLong();
                var writer = CompletableFuture.runAsync(() -> {
                    try (var stdin = session.stdin()) {
                        for (int i = 0; i < 512; i++) {
                            stdin.write(new byte[64 << 10]);
                            written.addAndGet(64 << 10);
                        }
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                });
                assertThatThrownBy(() -> writer.get(1, TimeUnit.SECONDS))
                        .isInstanceOf(java.util.concurrent.TimeoutException.class);
                // HTTP/2 windows on both sides and gRPC's own 32 KiB, far from the 32 MiB of the writer.
                assertThat(written.get()).isLessThan(6 << 20);
                go.countDown();
                writer.get();
                assertThat(session.awaitExit().success()).isTrue();
            }
        });
    }

    @Test
    void writeFailsWhenTheProcessEndsMeanwhile() throws Exception {
        var exec = FakeExec.started(s -> {
            s.next();
            s.send(FakeExec.exited(141));
        });
        with(exec, client -> {
            try (var session =
                    client.exec("web", ExecSpec.builder("head").stdin().build())) {
                assertThatThrownBy(() -> {
                            while (true) {
                                session.stdin().write(new byte[64 << 10]);
                            }
                        })
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("the process has ended with exit code 141");
                assertThat(session.awaitExit().shellCode()).isEqualTo(141);
            }
        });
    }

    @Test
    void inputThatWasNotAskedForIsRefused() throws Exception {
        with(FakeExec.started(s -> s.awaitCancel()), client -> {
            try (var session = client.exec("web", ExecSpec.of("x"))) {
                assertThatThrownBy(() -> session.stdin().write(1))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("without input");
            }
        });
    }
}
