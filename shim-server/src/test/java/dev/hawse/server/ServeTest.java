package dev.hawse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.rpc.ErrorInfo;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.CreateContainerRequest;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.GetInfoRequest;
import dev.hawse.api.runtime.v1.GetVersionRequest;
import dev.hawse.api.runtime.v1.RuntimeServiceGrpc;
import dev.hawse.api.runtime.v1.StartContainerRequest;
import dev.hawse.api.runtime.v1.WaitContainerRequest;
import dev.hawse.runtime.Container;
import dev.hawse.runtime.ContainerState;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.StatusProto;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server on a real unix socket does with calls and strangers; with an engine in memory. */
@Timeout(60)
class ServeTest {

    @TempDir
    private Path dir;

    private ServerFixture server;

    @BeforeEach
    void open() {
        server = new ServerFixture(dir);
    }

    @AfterEach
    void close() {
        server.close();
    }

    @Test
    void itKnowsWhoCalls() {
        server.start();

        var caller = RuntimeServiceGrpc.newBlockingStub(server.connect())
                .getInfo(GetInfoRequest.getDefaultInstance())
                .getCaller();

        assertThat(caller.getPid()).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(caller.getUid()).isEqualTo(Directories.userId());
    }

    @Test
    void healthIsToldOverallAndPerService() {
        server.start();
        var health = HealthGrpc.newBlockingStub(server.connect()).withDeadlineAfter(10, TimeUnit.SECONDS);

        for (var service : List.of("", "hawse.runtime.v1.RuntimeService", "hawse.runtime.v1.ContainerService")) {
            assertThat(health.check(HealthCheckRequest.newBuilder()
                                    .setService(service)
                                    .build())
                            .getStatus())
                    .isEqualTo(ServingStatus.SERVING);
        }
    }

    @Test
    void reflectionNamesTheServices() throws Exception {
        server.start();
        var answer = new CompletableFuture<ServerReflectionResponse>();
        var requests = ServerReflectionGrpc.newStub(server.connect())
                .serverReflectionInfo(new StreamObserver<ServerReflectionResponse>() {
                    @Override
                    public void onNext(ServerReflectionResponse value) {
                        answer.complete(value);
                    }

                    @Override
                    public void onError(Throwable t) {
                        answer.completeExceptionally(t);
                    }

                    @Override
                    public void onCompleted() {}
                });
        requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());

        assertThat(answer.get(10, TimeUnit.SECONDS).getListServicesResponse().getServiceList())
                .extracting(s -> s.getName())
                .contains("hawse.runtime.v1.ContainerService", "grpc.health.v1.Health");
        requests.onCompleted();
    }

    @Test
    void aMethodThatThereIsNoneOfIsUnimplemented() {
        server.start();
        var method = MethodDescriptor.<GetVersionRequest, GetVersionRequest>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("hawse.runtime.v1.RuntimeService/Nothing")
                .setRequestMarshaller(ProtoLiteUtils.marshaller(GetVersionRequest.getDefaultInstance()))
                .setResponseMarshaller(ProtoLiteUtils.marshaller(GetVersionRequest.getDefaultInstance()))
                .build();

        var e = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(
                        server.connect(), method, CallOptions.DEFAULT, GetVersionRequest.getDefaultInstance()));

        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    }

    @Test
    void fieldsThatThereAreNoneOfAreIgnored() {
        server.start();
        var unknown = GetVersionRequest.newBuilder()
                .setUnknownFields(com.google.protobuf.UnknownFieldSet.newBuilder()
                        .addField(
                                999,
                                com.google.protobuf.UnknownFieldSet.Field.newBuilder()
                                        .addVarint(1)
                                        .build())
                        .build())
                .build();

        assertThat(RuntimeServiceGrpc.newBlockingStub(server.connect())
                        .getVersion(unknown)
                        .getVersion())
                .isEqualTo("1.2.3");
    }

    @Test
    void headersThatAreTooLargeEndTheCallAlone() {
        server.start();
        var headers = new Metadata();
        headers.put(Metadata.Key.of("large", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(20_000));
        var channel = server.connect();

        var e = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> RuntimeServiceGrpc.newBlockingStub(channel)
                        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                        .getVersion(GetVersionRequest.getDefaultInstance()));

        assertThat(e).isNotNull();
        assertThat(ServerFixture.version(channel)).isEqualTo("1.2.3");
    }

    @Test
    void bytesThatAreNoHttp2AreCutOffAndHarmNobody() throws IOException {
        server.start();
        var channel = server.connect();
        assertThat(ServerFixture.version(channel)).isEqualTo("1.2.3");
        var random = new byte[4096];
        new Random(7).nextBytes(random);

        for (var bytes : List.of(
                random, "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII), new byte[65536])) {
            try (var stranger = SocketChannel.open(UnixDomainSocketAddress.of(server.socket))) {
                writeIgnoringReset(stranger, bytes);
                assertThat(drain(stranger)).doesNotContain("Exception").doesNotContain("at io.");
            }
        }

        assertThat(ServerFixture.version(channel)).isEqualTo("1.2.3");
    }

    private static void writeIgnoringReset(SocketChannel stranger, byte[] bytes) {
        try {
            stranger.write(ByteBuffer.wrap(bytes));
        } catch (IOException cutOff) {
            assertThat(cutOff).hasMessageContaining("pipe");
        }
    }

    private static String drain(SocketChannel stranger) {
        var all = new StringBuilder();
        var buffer = ByteBuffer.allocate(4096);
        try {
            while (stranger.read(buffer) >= 0) {
                all.append(StandardCharsets.ISO_8859_1.decode(buffer.flip()));
                buffer.clear();
            }
        } catch (IOException cutOff) {
            assertThat(cutOff).hasMessageContaining("reset");
        }
        return all.toString();
    }

    @Test
    void connectionsBeyondTheLimitAreTurnedAway() throws IOException {
        server.start();
        var idle = new ArrayList<SocketChannel>();
        for (int i = 0; i < 4; i++) {
            idle.add(SocketChannel.open(UnixDomainSocketAddress.of(server.socket)));
            server.opened.add(idle.getLast());
        }
        var extra = SocketChannel.open(UnixDomainSocketAddress.of(server.socket));
        server.opened.add(extra);
        await().until(() -> extra.read(ByteBuffer.allocate(1024)) < 0);

        idle.getFirst().close();

        var channel = server.connect();
        await().ignoreExceptions()
                .untilAsserted(() -> assertThat(ServerFixture.version(channel)).isEqualTo("1.2.3"));
    }

    private Container running(ManagedChannel channel) {
        var request = CreateContainerRequest.newBuilder();
        request.getSpecBuilder().setImage("busybox").addArgs("hold");
        var containers = ContainerServiceGrpc.newBlockingStub(channel);
        var id = containers.createContainer(request.build()).getContainer().getId();
        containers.startContainer(
                StartContainerRequest.newBuilder().setContainer(id).build());
        return server.runtime.containers().get(id);
    }

    @Test
    void endingTellsWatchersAtOnceAndLeavesContainersAlone() throws Exception {
        var running = server.start(server.withGrace(Duration.ofMinutes(10)));
        var channel = server.connect();
        var container = running(channel);
        var waiting = ContainerServiceGrpc.newFutureStub(channel)
                .waitContainer(WaitContainerRequest.newBuilder()
                        .setContainer(container.id().value())
                        .build());
        BlockingQueue<ServingStatus> health = new LinkedBlockingQueue<>();
        HealthGrpc.newStub(channel)
                .watch(HealthCheckRequest.getDefaultInstance(), new StreamObserver<HealthCheckResponse>() {
                    @Override
                    public void onNext(HealthCheckResponse value) {
                        health.add(value.getStatus());
                    }

                    @Override
                    public void onError(Throwable t) {}

                    @Override
                    public void onCompleted() {}
                });
        assertThat(health.poll(10, TimeUnit.SECONDS)).isEqualTo(ServingStatus.SERVING);
        ServerFixture.version(channel);

        running.close();

        assertThat(health.poll(10, TimeUnit.SECONDS)).isEqualTo(ServingStatus.NOT_SERVING);
        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
                .cause()
                .satisfies(e -> assertThat(reason(e)).isEqualTo("SHUTTING_DOWN"));
        assertThat(server.socket).doesNotExist();
        assertThat(server.runtime.containers().get(container.id().value()).state())
                .isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void endingTellsTheRestWhenItsGraceIsOver() throws Exception {
        var running = server.start(server.withGrace(Duration.ofMillis(200)));
        var channel = server.connect();
        var container = running(channel);
        var frames = new LinkedBlockingQueue<ExecResponse>();
        var end = new CompletableFuture<Throwable>();
        var requests = ExecServiceGrpc.newStub(channel).exec(new StreamObserver<>() {
            @Override
            public void onNext(ExecResponse frame) {
                frames.add(frame);
            }

            @Override
            public void onError(Throwable t) {
                end.complete(t);
            }

            @Override
            public void onCompleted() {}
        });
        var start = ExecRequest.newBuilder();
        start.getStartBuilder().setContainer(container.id().value()).addArgs("hold");
        requests.onNext(start.build());
        assertThat(frames.poll(10, TimeUnit.SECONDS)).isNotNull();

        running.close();

        assertThat(reason(end.get(10, TimeUnit.SECONDS))).isEqualTo("SHUTTING_DOWN");
        assertThat(server.runtime.lastExec().running()).isFalse();
        assertThat(server.runtime.mainProcess(container.id()).running()).isTrue();
    }

    @Test
    void callsThatEndBeforeTheirCallersAreDoneDoNotBreakTheConnection() throws Exception {
        server.start();
        var channel = server.connect();
        var bystander = ContainerServiceGrpc.newFutureStub(channel)
                .waitContainer(WaitContainerRequest.newBuilder()
                        .setContainer(running(channel).id().value())
                        .build());

        for (int i = 0; i < 500; i++) {
            var end = new CompletableFuture<Throwable>();
            var requests = ExecServiceGrpc.newStub(channel).exec(new StreamObserver<>() {
                @Override
                public void onNext(ExecResponse frame) {}

                @Override
                public void onError(Throwable t) {
                    end.complete(t);
                }

                @Override
                public void onCompleted() {}
            });
            requests.onNext(ExecRequest.getDefaultInstance());
            assertThat(reason(end.get(10, TimeUnit.SECONDS))).isEqualTo("PROTOCOL_VIOLATION");
        }

        assertThat(bystander.isDone()).isFalse();
        assertThat(ServerFixture.version(channel)).isEqualTo("1.2.3");
    }

    private static String reason(Throwable e) throws IOException {
        return Objects.requireNonNull(StatusProto.fromThrowable(e))
                .getDetails(0)
                .unpack(ErrorInfo.class)
                .getReason();
    }
}
