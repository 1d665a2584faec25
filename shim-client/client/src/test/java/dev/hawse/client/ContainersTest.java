package dev.hawse.client;

import static dev.hawse.api.runtime.v1.SpawnFailureKind.SPAWN_FAILURE_KIND_NOT_EXECUTABLE;
import static dev.hawse.client.FakeServer.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hawse.api.runtime.v1.AttachContainerRequest;
import dev.hawse.api.runtime.v1.AttachContainerResponse;
import dev.hawse.api.runtime.v1.ContainerAttached;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.ContainerStarted;
import dev.hawse.api.runtime.v1.CreateContainerResponse;
import dev.hawse.api.runtime.v1.ExitOutcome;
import dev.hawse.api.runtime.v1.OutputChunk;
import dev.hawse.api.runtime.v1.OutputGap;
import dev.hawse.api.runtime.v1.OutputStream;
import dev.hawse.api.runtime.v1.ProcessExited;
import dev.hawse.api.runtime.v1.RemoveContainerRequest;
import dev.hawse.api.runtime.v1.RemoveContainerResponse;
import dev.hawse.api.runtime.v1.RunContainerRequest;
import dev.hawse.api.runtime.v1.RunContainerResponse;
import dev.hawse.api.runtime.v1.SpawnFailure;
import dev.hawse.api.runtime.v1.StopContainerRequest;
import dev.hawse.api.runtime.v1.StopContainerResponse;
import dev.hawse.api.runtime.v1.StreamLogsRequest;
import dev.hawse.api.runtime.v1.StreamLogsResponse;
import dev.hawse.client.HawseException.Reason;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ContainersTest {

    private static dev.hawse.api.runtime.v1.Container.Builder wire(String name) {
        return dev.hawse.api.runtime.v1.Container.newBuilder()
                .setId("a".repeat(64))
                .setName(name);
    }

    @Test
    void stopGetsTheGraceOnTopOfTheUsualTime() throws Exception {
        var asked = new CompletableFuture<StopContainerRequest>();
        var service = new ContainerServiceGrpc.ContainerServiceImplBase() {
            @Override
            public void stopContainer(StopContainerRequest request, StreamObserver<StopContainerResponse> out) {
                asked.complete(request);
                out.onNext(StopContainerResponse.newBuilder()
                        .setContainer(wire("web"))
                        .setKilled(true)
                        .build());
                out.onCompleted();
            }
        };
        with(service, client -> {
            var stopped = client.containers().stop("web", java.time.Duration.ZERO, "INT");
            assertThat(stopped.killed()).isTrue();
            assertThat(asked.get().hasGrace()).isTrue();
            assertThat(asked.get().getSignal()).isEqualTo("INT");
        });
    }

    @Test
    void detachedRunEndsWhenTheContainerRuns() throws Exception {
        var start = new CompletableFuture<RunContainerRequest>();
        var service = new ContainerServiceGrpc.ContainerServiceImplBase() {
            @Override
            public StreamObserver<RunContainerRequest> runContainer(StreamObserver<RunContainerResponse> out) {
                return FakeStream.open(out, s -> {
                    start.complete(s.next());
                    s.send(RunContainerResponse.newBuilder()
                            .setCreated(CreateContainerResponse.newBuilder().setContainer(wire("web")))
                            .build());
                    s.send(RunContainerResponse.newBuilder()
                            .setStarted(ContainerStarted.newBuilder().setPid(7))
                            .build());
                });
            }
        };
        with(service, client -> {
            var spec = ContainerSpec.builder("x").build();
            var run = client.containers().runDetached(spec, RunOption.REMOVE_AT_EXIT);
            assertThat(run.id()).isEqualTo("a".repeat(64));
            assertThat(start.get().getStart().getDetach()).isTrue();
            assertThat(start.get().getStart().getRemove()).isTrue();
            assertThatThrownBy(() -> client.containers().runDetached(spec, RunOption.KILL_ON_CLOSE))
                    .isInstanceOf(IllegalArgumentException.class);
        });
    }

    @Test
    void detachedContainerThatCannotStartIsRemovedAgain() throws Exception {
        var removed = new CompletableFuture<RemoveContainerRequest>();
        var service = new ContainerServiceGrpc.ContainerServiceImplBase() {
            @Override
            public StreamObserver<RunContainerRequest> runContainer(StreamObserver<RunContainerResponse> out) {
                return FakeStream.open(out, s -> {
                    s.next();
                    s.send(RunContainerResponse.newBuilder()
                            .setCreated(CreateContainerResponse.newBuilder().setContainer(wire("web")))
                            .build());
                    s.send(RunContainerResponse.newBuilder()
                            .setExited(ProcessExited.newBuilder()
                                    .setOutcome(ExitOutcome.newBuilder()
                                            .setSpawnFailure(SpawnFailure.newBuilder()
                                                    .setKind(SPAWN_FAILURE_KIND_NOT_EXECUTABLE)
                                                    .setMessage("permission denied"))))
                            .build());
                });
            }

            @Override
            public void removeContainer(RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> out) {
                removed.complete(request);
                out.onNext(RemoveContainerResponse.getDefaultInstance());
                out.onCompleted();
            }
        };
        with(service, client -> {
            assertThatThrownBy(() -> client.containers()
                            .runDetached(ContainerSpec.builder("x").build()))
                    .isInstanceOfSatisfying(HawseException.class, e -> {
                        assertThat(e.reason()).isEqualTo(Reason.OCI_RUNTIME_FAILED);
                        assertThat(e.metadata()).containsEntry("spawn_failure", "NOT_EXECUTABLE");
                    })
                    .hasMessage("permission denied");
            assertThat(removed.get().getContainer()).isEqualTo("a".repeat(64));
            assertThat(removed.get().getForce()).isTrue();
        });
    }

    @Test
    void runTellsTheEndOfAContainerToBeRemovedOnlyWhenItIsGone() throws Exception {
        var exitSeen = new CountDownLatch(1);
        var start = new CompletableFuture<RunContainerRequest>();
        var service = new ContainerServiceGrpc.ContainerServiceImplBase() {
            @Override
            public StreamObserver<RunContainerRequest> runContainer(StreamObserver<RunContainerResponse> out) {
                return FakeStream.open(out, s -> {
                    start.complete(s.next());
                    s.send(RunContainerResponse.newBuilder()
                            .setCreated(CreateContainerResponse.newBuilder()
                                    .setContainer(wire("web"))
                                    .addWarnings("careful"))
                            .build());
                    s.send(RunContainerResponse.newBuilder()
                            .setStarted(ContainerStarted.newBuilder().setPid(7))
                            .build());
                    s.send(RunContainerResponse.newBuilder()
                            .setStdout(OutputChunk.newBuilder().setData(ByteString.copyFromUtf8("hi")))
                            .build());
                    s.send(RunContainerResponse.newBuilder()
                            .setGap(OutputGap.newBuilder().setFrom(2).setTo(12))
                            .build());
                    s.send(RunContainerResponse.newBuilder()
                            .setExited(ProcessExited.newBuilder()
                                    .setOutcome(ExitOutcome.newBuilder().setCode(0)))
                            .build());
                    exitSeen.await();
                });
            }
        };
        with(service, client -> {
            try (var session =
                    client.containers().run(ContainerSpec.builder("busybox").build(), RunOption.REMOVE_AT_EXIT)) {
                assertThat(session.container().name()).isEqualTo("web");
                assertThat(session.warnings()).containsExactly("careful");
                assertThat(session.stdout().readAllBytes()).asString().isEqualTo("hi");
                assertThat(session.awaitExit(java.time.Duration.ofMillis(50))).isEmpty();
                exitSeen.countDown();
                assertThat(session.awaitExit().success()).isTrue();
                assertThat(session.missedBytes()).isEqualTo(10);
                assertThat(start.get().getStart().getRemove()).isTrue();
            }
        });
    }

    @Test
    void attachDetachesByCancelling() throws Exception {
        var detached = new CountDownLatch(1);
        var service = new ContainerServiceGrpc.ContainerServiceImplBase() {
            @Override
            public StreamObserver<AttachContainerRequest> attachContainer(StreamObserver<AttachContainerResponse> out) {
                return FakeStream.open(out, s -> {
                    s.next();
                    s.send(AttachContainerResponse.newBuilder()
                            .setAttached(ContainerAttached.newBuilder()
                                    .setContainerId("b".repeat(64))
                                    .setTerminal(true)
                                    .setStdinOpen(true))
                            .build());
                    s.awaitCancel();
                    detached.countDown();
                });
            }
        };
        with(service, client -> {
            try (var session =
                    client.containers().attach("web", AttachSpec.INTERACTIVE.withSize(new TerminalSize(3, 4)))) {
                assertThat(session.terminal()).isTrue();
                assertThat(session.stdinOpen()).isTrue();
                assertThat(session.containerId()).isEqualTo("b".repeat(64));
            }
            detached.await();
        });
    }

    @Test
    void logsComeOneByOneAndStopWhenClosed() throws Exception {
        var cancelled = new CountDownLatch(1);
        var service = new ContainerServiceGrpc.ContainerServiceImplBase() {
            @Override
            public void streamLogs(StreamLogsRequest request, StreamObserver<StreamLogsResponse> out) {
                ((ServerCallStreamObserver<StreamLogsResponse>) out).setOnCancelHandler(cancelled::countDown);
                out.onNext(StreamLogsResponse.newBuilder()
                        .setStream(OutputStream.OUTPUT_STREAM_STDERR)
                        .setTime(Timestamp.newBuilder().setSeconds(1))
                        .setData(ByteString.copyFromUtf8("tail=" + request.getTail()))
                        .build());
            }
        };
        with(service, client -> {
            var logs = client.containers().logs("web", LogQuery.FOLLOW.tail(5));
            var first = logs.next();
            assertThat(first.utf8()).isEqualTo("tail=5");
            assertThat(first.stream()).isEqualTo(OutputKind.STDERR);
            var blocked = CompletableFuture.supplyAsync(logs::hasNext);
            logs.close();
            assertThat(blocked.get()).isFalse();
            cancelled.await();
        });
    }
}
