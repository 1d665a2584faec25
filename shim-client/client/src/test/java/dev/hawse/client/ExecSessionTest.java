package dev.hawse.client;

import static dev.hawse.client.FakeServer.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExitOutcome;
import dev.hawse.api.runtime.v1.ProcessExited;
import dev.hawse.api.runtime.v1.SpawnFailure;
import dev.hawse.api.runtime.v1.SpawnFailureKind;
import dev.hawse.client.HawseException.Code;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ExecSessionTest {

    @Test
    void outputArrivesOnItsOwnStreamAndThenTheExit() throws Exception {
        var exec = FakeExec.started(s -> {
            s.send(FakeExec.stdout("out"));
            s.send(FakeExec.stderr("err"));
            s.send(FakeExec.exited(3));
        });
        with(exec, client -> {
            try (var session = client.exec("web", ExecSpec.of("x"))) {
                assertThat(session.execId()).isEqualTo(FakeExec.EXEC_ID);
                assertThat(session.pid()).isEqualTo(42);
                assertThat(session.containerId()).isEqualTo("c".repeat(64));
                assertThat(session.awaitExit().status()).isEqualTo(new ExitStatus.Code(3));
                assertThat(session.stdout().readAllBytes()).asString().isEqualTo("out");
                assertThat(session.stderr().readAllBytes()).asString().isEqualTo("err");
            }
        });
    }

    @Test
    void startCarriesTheWholeSpec() throws Exception {
        var first = new CompletableFuture<ExecRequest>();
        var exec = FakeExec.raw(s -> {
            first.complete(s.next());
            s.send(FakeExec.startedFrame());
            s.send(FakeExec.exited(0));
        });
        with(exec, client -> {
            var spec = ExecSpec.builder("sh", "-c", "x")
                    .env("A", "b=c")
                    .workingDir("/tmp")
                    .user("1:2")
                    .stdin()
                    .terminal(new TerminalSize(100, 30))
                    .build();
            client.exec("web", spec).close();
            var start = first.get().getStart();
            assertThat(start.getContainer()).isEqualTo("web");
            assertThat(start.getArgsList()).containsExactly("sh", "-c", "x");
            assertThat(start.getEnvMap()).containsEntry("A", "b=c").hasSize(1);
            assertThat(start.getWorkingDir()).isEqualTo("/tmp");
            assertThat(start.getUser()).isEqualTo("1:2");
            assertThat(start.getIo().getStdin()).isTrue();
            assertThat(start.getIo().getTerminal()).isTrue();
            assertThat(start.getIo().getSize().getColumns()).isEqualTo(100);
        });
    }

    @Test
    void closeKillsByCancellingAndWakesWhoWaits() throws Exception {
        var cancelled = new CountDownLatch(1);
        var exec = FakeExec.started(s -> {
            s.awaitCancel();
            cancelled.countDown();
        });
        with(exec, client -> {
            var session = client.exec("web", ExecSpec.of("sleep"));
            var exit = session.onExit();
            var waiter = CompletableFuture.supplyAsync(session::awaitExit);
            var reader = CompletableFuture.supplyAsync(() -> {
                try {
                    return session.stdout().read();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(session.awaitExit(Duration.ofMillis(20))).isEmpty();
            session.close();
            session.close();
            cancelled.await();
            assertThatThrownBy(waiter::get).cause().isInstanceOf(HawseException.class);
            assertThatThrownBy(exit::get)
                    .cause()
                    .isInstanceOfSatisfying(
                            HawseException.class, e -> assertThat(e.code()).isEqualTo(Code.CANCELLED));
            assertThatThrownBy(reader::get).hasRootCauseInstanceOf(HawseException.class);
        });
    }

    @Test
    void brokenStreamIsNoExit() throws Exception {
        var exec = FakeExec.started(s -> {
            s.send(FakeExec.stdout("half"));
            throw Status.UNAVAILABLE.withDescription("going down").asRuntimeException();
        });
        with(exec, client -> {
            try (var session = client.exec("web", ExecSpec.of("x"))) {
                assertThatThrownBy(session::awaitExit)
                        .isInstanceOfSatisfying(
                                HawseException.class, e -> assertThat(e.code()).isEqualTo(Code.UNAVAILABLE))
                        .hasMessage("going down");
                assertThatThrownBy(() -> session.stdout().readAllBytes()).isInstanceOf(IOException.class);
            }
            assertThatThrownBy(() -> client.run("web", "x")).isInstanceOf(HawseException.class);
        });
    }

    @Test
    void orderlyEndWithoutExitIsDataLoss() throws Exception {
        with(FakeExec.started(s -> {}), client -> {
            try (var session = client.exec("web", ExecSpec.of("x"))) {
                assertThatThrownBy(session::awaitExit)
                        .isInstanceOfSatisfying(
                                HawseException.class, e -> assertThat(e.code()).isEqualTo(Code.DATA_LOSS));
            }
        });
    }

    @Test
    void exitIsTakenAsSoonAsItIsTold() throws Exception {
        var never = new CountDownLatch(1);
        var exec = FakeExec.started(s -> {
            s.send(FakeExec.exited(0));
            never.await();
        });
        with(exec, client -> {
            try (var session = client.exec("web", ExecSpec.of("x"))) {
                assertThat(session.awaitExit().success()).isTrue();
                assertThat(session.onExit().get().success()).isTrue();
            }
        });
    }

    @Test
    void commandThatCannotStartIsAResult() throws Exception {
        var exec = FakeExec.raw(s -> {
            s.next();
            s.send(ExecResponse.newBuilder()
                    .setExited(ProcessExited.newBuilder()
                            .setOutcome(ExitOutcome.newBuilder()
                                    .setSpawnFailure(SpawnFailure.newBuilder()
                                            .setKind(SpawnFailureKind.SPAWN_FAILURE_KIND_NOT_FOUND)
                                            .setErrno(2)
                                            .setMessage("nope: no such file")
                                            .setShellCode(127))))
                    .build());
        });
        with(exec, client -> {
            try (var session = client.exec("web", ExecSpec.of("nope"))) {
                assertThat(session.execId()).isEmpty();
                assertThat(session.awaitExit().status())
                        .isEqualTo(new ExitStatus.SpawnFailed(
                                dev.hawse.client.SpawnFailureKind.NOT_FOUND, 2, "nope: no such file"));
                assertThat(session.awaitExit().shellCode()).isEqualTo(127);
            }
        });
    }

    @Test
    void failureBeforeTheStartIsThrownByExec() throws Exception {
        var exec = FakeExec.raw(s -> {
            s.next();
            throw Status.NOT_FOUND.withDescription("no container nope").asRuntimeException();
        });
        with(
                exec,
                client -> assertThatThrownBy(() -> client.exec("nope", ExecSpec.of("x")))
                        .isInstanceOf(HawseException.class)
                        .hasMessage("no container nope"));
    }

    @Test
    void serverThatNeverStartsTheCommandIsGivenUp() throws Exception {
        var cancelled = new CountDownLatch(1);
        var exec = FakeExec.raw(s -> {
            s.awaitCancel();
            cancelled.countDown();
        });
        try (var server = new FakeServer(exec);
                var client = HawseClient.builder()
                        .address(server.address())
                        .deadline(Duration.ofMillis(200))
                        .build()) {
            assertThatThrownBy(() -> client.exec("web", ExecSpec.of("x")))
                    .isInstanceOfSatisfying(
                            HawseException.class, e -> assertThat(e.code()).isEqualTo(Code.TIMEOUT));
            cancelled.await();
        }
    }

    @Test
    void listenerGetsEverythingInOrderBeforeTheExitIsTold() throws Exception {
        var exec = FakeExec.started(s -> {
            for (int i = 0; i < 200; i++) {
                s.send(i % 3 == 0 ? FakeExec.stderr(i + " ") : FakeExec.stdout(i + " "));
            }
            s.send(FakeExec.exited(0));
        });
        with(exec, client -> {
            try (var session = client.exec("web", ExecSpec.of("x"))) {
                var heard = Collections.synchronizedList(new ArrayList<String>());
                session.onOutput((kind, data) ->
                        heard.add(StandardCharsets.UTF_8.decode(data).toString()));
                session.awaitExit();
                assertThat(String.join("", heard).split(" ")).hasSize(200).satisfies(all -> {
                    for (int i = 0; i < 200; i++) {
                        assertThat(all[i]).isEqualTo(Integer.toString(i));
                    }
                });
                assertThatThrownBy(session::stdout).isInstanceOf(IllegalStateException.class);
            }
        });
    }

    @Test
    void failingListenerEndsTheSessionWithItsCause() throws Exception {
        var cancelled = new CountDownLatch(1);
        var exec = FakeExec.started(s -> {
            s.send(FakeExec.stdout("x"));
            s.awaitCancel();
            cancelled.countDown();
        });
        with(exec, client -> {
            try (var session = client.exec("web", ExecSpec.of("yes"))) {
                session.onOutput((kind, data) -> {
                    throw new IOException("Broken pipe");
                });
                assertThatThrownBy(session::awaitExit)
                        .isInstanceOf(HawseException.class)
                        .hasRootCauseMessage("Broken pipe");
                cancelled.await();
            }
        });
    }

    @Test
    void interruptedWaitEndsAndTheSessionGoesOn() throws Exception {
        var go = new CountDownLatch(1);
        var exec = FakeExec.started(s -> {
            go.await();
            s.send(FakeExec.stdout("late"));
            s.send(FakeExec.exited(0));
        });
        with(exec, client -> {
            try (var session = client.exec("web", ExecSpec.of("x"))) {
                var thrown = new AtomicReference<Throwable>();
                var waiter = new Thread(() -> {
                    try {
                        session.stdout().read();
                    } catch (Throwable e) {
                        thrown.set(e);
                    }
                });
                waiter.start();
                waiter.interrupt();
                waiter.join();
                assertThat(thrown.get()).isInstanceOf(InterruptedIOException.class);
                go.countDown();
                assertThat(session.stdout().readAllBytes()).asString().isEqualTo("late");
                assertThat(session.awaitExit().success()).isTrue();
            }
        });
    }

    @Test
    void runReturnsEverything() throws Exception {
        var exec = FakeExec.started(s -> {
            var input = new ByteArrayOutputStream();
            for (ExecRequest frame = s.next(); !frame.hasStdinEof(); frame = s.next()) {
                frame.getStdin().writeTo(input);
                s.send(FakeExec.stdout(frame.getStdin()));
                s.send(FakeExec.stderr("."));
            }
            s.send(FakeExec.exited(input.size() == 10 << 20 ? 5 : 1));
        });
        with(exec, client -> {
            var input = FakeExec.pattern(0, 10 << 20).toByteArray();
            var result = client.run("web", ExecSpec.of("cat"), RunOptions.DEFAULT.withInput(input));
            assertThat(result.stdout()).isEqualTo(input);
            assertThat(result.stderrUtf8()).matches("\\.+");
            assertThat(result.status()).isEqualTo(new ExitStatus.Code(5));
            assertThat(result.truncated()).isFalse();
        });
    }

    @Test
    void runKeepsOnlyTheFirstBytesUpToTheLimit() throws Exception {
        var exec = FakeExec.started(s -> {
            for (int i = 0; i < 100; i++) {
                s.send(FakeExec.stdout(FakeExec.pattern(i * 1000L, 1000)));
            }
            s.send(FakeExec.exited(0));
        });
        with(exec, client -> {
            var result = client.run("web", ExecSpec.of("x"), RunOptions.DEFAULT.withOutputLimit(2500));
            assertThat(result.stdout()).isEqualTo(FakeExec.pattern(0, 2500).toByteArray());
            assertThat(result.truncated()).isTrue();
            assertThat(result.success()).isTrue();
        });
    }

    @Test
    void timeoutIsTheServersToKeepAndToTell() throws Exception {
        var first = new CompletableFuture<ExecRequest>();
        var exec = FakeExec.raw(s -> {
            first.complete(s.next());
            s.send(FakeExec.startedFrame());
            s.send(ExecResponse.newBuilder()
                    .setExited(ProcessExited.newBuilder()
                            .setOutcome(ExitOutcome.newBuilder().setSignal(15))
                            .setTimedOut(true))
                    .build());
        });
        with(exec, client -> {
            var spec = ExecSpec.builder("sleep").timeout(Duration.ofMillis(300)).build();
            var result = client.run("web", spec, RunOptions.DEFAULT);
            assertThat(result.exit().timedOut()).isTrue();
            assertThat(result.status()).isEqualTo(new ExitStatus.Signal(15));
            assertThat(Values.duration(first.get().getStart().getTimeout())).isEqualTo(Duration.ofMillis(300));
        });
    }

    @Test
    void bytesAreNotTouched() throws Exception {
        var all = new byte[256];
        for (int i = 0; i < 256; i++) {
            all[i] = (byte) i;
        }
        var exec = FakeExec.started(s -> {
            s.send(FakeExec.stdout(ByteString.copyFrom(all)));
            s.send(FakeExec.exited(0));
        });
        with(exec, client -> {
            assertThat(client.run("web", "x").stdout()).isEqualTo(all);
            try (var session = client.exec("web", ExecSpec.of("x"))) {
                var read = new ByteArrayOutputStream();
                for (int b = session.stdout().read();
                        b >= 0;
                        b = session.stdout().read()) {
                    read.write(b);
                }
                assertThat(read.toByteArray()).isEqualTo(all);
            }
        });
    }

    @Test
    void serverThatIsGoneFailsTheExitFuture() throws Exception {
        var server = new FakeServer(FakeExec.started(s -> s.awaitCancel()));
        try (var client = server.client();
                var session = client.exec("web", ExecSpec.of("x"))) {
            var exit = session.onExit();
            server.close();
            assertThatThrownBy(exit::get)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            HawseException.class, e -> assertThat(e.code()).isEqualTo(Code.UNAVAILABLE));
        }
    }
}
