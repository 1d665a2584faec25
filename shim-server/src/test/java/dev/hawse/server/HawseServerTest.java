package dev.hawse.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.rpc.ErrorInfo;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.CreateContainerRequest;
import dev.hawse.api.runtime.v1.GetInfoRequest;
import dev.hawse.api.runtime.v1.GetVersionRequest;
import dev.hawse.api.runtime.v1.RuntimeServiceGrpc;
import dev.hawse.api.runtime.v1.StartContainerRequest;
import dev.hawse.api.runtime.v1.WaitContainerRequest;
import dev.hawse.runtime.Container;
import dev.hawse.runtime.ContainerState;
import dev.hawse.server.api.BuildInfo;
import dev.hawse.server.config.HawseConfig;
import dev.hawse.testing.FakeRuntime;
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
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real server on a real unix socket, with an engine in memory. */
@Timeout(60)
class HawseServerTest {

    private static final BuildInfo BUILD = new BuildInfo("1.2.3", "");

    @TempDir
    private Path dir;

    private final FakeRuntime runtime = new FakeRuntime();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private EventLoopGroup loops;
    private Path socket;

    @BeforeEach
    void open() {
        loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        socket = dir.resolve("run/h.sock");
    }

    @AfterEach
    void close() throws Exception {
        for (var resource : opened.reversed()) {
            resource.close();
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    private HawseConfig config() {
        var defaults = HawseConfig.defaults();
        return new HawseConfig(
                new HawseConfig.Listen(socket, ""),
                defaults.containerd(),
                new HawseConfig.Paths(dir.resolve("state"), dir.resolve("run")),
                defaults.exec(),
                new HawseConfig.Server(Duration.ofSeconds(10), 4 << 20, 4),
                defaults.log());
    }

    private HawseConfig withGrace(Duration grace) {
        var c = config();
        return new HawseConfig(
                c.listen(),
                c.containerd(),
                c.paths(),
                c.exec(),
                new HawseConfig.Server(
                        grace, c.server().maxMessageBytes(), c.server().maxConnections()),
                c.log());
    }

    private HawseServer start() {
        return start(config());
    }

    private HawseServer start(HawseConfig config) {
        var server = HawseServer.start(config, BUILD, _ -> List.of(runtime));
        opened.add(server);
        return server;
    }

    private ManagedChannel connect() {
        var channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .eventLoopGroup(loops)
                .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
                .overrideAuthority("localhost")
                .usePlaintext()
                .build();
        opened.add(channel::shutdownNow);
        return channel;
    }

    private static String version(ManagedChannel channel) {
        return RuntimeServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .getVersion(GetVersionRequest.getDefaultInstance())
                .getVersion();
    }

    private void refusesToStart(String message) {
        assertThatThrownBy(this::start).isInstanceOf(StartFailure.class).hasMessageContaining(message);
    }

    @Test
    void itServesOnASocketThatIsNotForEverybody() throws IOException {
        start();

        assertThat(version(connect())).isEqualTo("1.2.3");
        assertThat(permissions(socket)).isEqualTo("rw-rw----");
        assertThat(permissions(dir.resolve("run"))).isEqualTo("rwxr-x---");
        assertThat(permissions(dir.resolve("state"))).isEqualTo("rwx------");
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
    }

    @Test
    void itKnowsWhoCalls() {
        start();

        var caller = RuntimeServiceGrpc.newBlockingStub(connect())
                .getInfo(GetInfoRequest.getDefaultInstance())
                .getCaller();

        assertThat(caller.getPid()).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(caller.getUid()).isEqualTo(Directories.userId());
    }

    @Test
    void itTakesItsSocketAndItsEnginesWithIt() throws IOException {
        var server = start();
        server.close();
        server.close();

        assertThat(runtime.closed()).isTrue();
        try (var left = Files.list(dir.resolve("run"))) {
            assertThat(left.map(p -> Objects.toString(p.getFileName()))).containsExactly("h.sock.lock");
        }
    }

    @Test
    void aSecondServerIsToldOfTheFirst() {
        start();

        refusesToStart("already running, pid " + ProcessHandle.current().pid() + ", at " + socket);
        assertThat(version(connect())).isEqualTo("1.2.3");
    }

    @Test
    void twoServersNeverShareAState() {
        start();
        socket = dir.resolve("run/other.sock");

        refusesToStart("state is in use by another server, pid "
                + ProcessHandle.current().pid());
        assertThat(socket).doesNotExist();
    }

    @Test
    void aServerCanStartAgainWhereOneEnded() {
        start().close();
        start();

        assertThat(version(connect())).isEqualTo("1.2.3");
    }

    @Test
    void aDeadSocketIsReplaced() throws IOException {
        Files.createDirectories(dir.resolve("run"));
        try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThat(socket).exists();

        start();

        assertThat(version(connect())).isEqualTo("1.2.3");
    }

    @Test
    void aSymbolicLinkInTheWayIsRefusedAndLeft() throws IOException {
        Files.createDirectories(dir.resolve("run"));
        Files.createSymbolicLink(socket, dir.resolve("elsewhere"));

        refusesToStart("is a symbolic link");
        assertThat(socket).isSymbolicLink();
    }

    @Test
    void aFileInTheWayIsRefusedAndLeft() throws IOException {
        Files.createDirectories(dir.resolve("run"));
        Files.writeString(socket, "precious");

        refusesToStart("is no socket");
        assertThat(socket).hasContent("precious");
    }

    @Test
    void aSocketOfSomebodyElseIsRefusedAndLeft() throws IOException {
        Files.createDirectories(dir.resolve("run"));
        try (var dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(socket));
        }
        org.junit.jupiter.api.Assumptions.assumeTrue(Directories.userId() == 0, "only root can give files away");
        Files.setAttribute(socket, "unix:uid", 4242, LinkOption.NOFOLLOW_LINKS);

        refusesToStart("belongs to user 4242");
        assertThat(socket).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {"state", "run"})
    void aFolderThatOthersMayWriteIsRefused(String name) throws IOException {
        Files.createDirectory(dir.resolve(name));
        Files.setPosixFilePermissions(dir.resolve(name), PosixFilePermissions.fromString("rwxrwx---"));

        refusesToStart("paths." + name + ": must be writable by its owner alone (got mode 0770");
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws IOException {
        Files.writeString(dir.resolve("state"), "");

        refusesToStart("paths.state: cannot make " + dir.resolve("state"));
    }

    @Test
    void aGroupThatThereIsNoneOfIsNamedAndNothingIsLeft() throws IOException {
        var c = config();
        var config = new HawseConfig(
                new HawseConfig.Listen(socket, "no-such-group"),
                c.containerd(),
                c.paths(),
                c.exec(),
                c.server(),
                c.log());

        assertThatThrownBy(() -> start(config)).hasMessage("listen.group: there is no group no-such-group");
        try (var left = Files.list(dir.resolve("run"))) {
            assertThat(left.map(p -> Objects.toString(p.getFileName()))).containsExactly("h.sock.lock");
        }
    }

    @Test
    void anEngineThatCannotBeMadeLeavesNothing() {
        assertThatThrownBy(() -> HawseServer.start(config(), BUILD, _ -> {
                    throw new StartFailure("no engine");
                }))
                .hasMessage("no engine");
        assertThat(socket).doesNotExist();
        start();
    }

    @Test
    void healthIsToldOverallAndPerService() {
        start();
        var health = HealthGrpc.newBlockingStub(connect()).withDeadlineAfter(10, TimeUnit.SECONDS);

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
        start();
        var answer = new CompletableFuture<ServerReflectionResponse>();
        var requests = ServerReflectionGrpc.newStub(connect())
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
        start();
        var method = MethodDescriptor.<GetVersionRequest, GetVersionRequest>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("hawse.runtime.v1.RuntimeService/Nothing")
                .setRequestMarshaller(ProtoLiteUtils.marshaller(GetVersionRequest.getDefaultInstance()))
                .setResponseMarshaller(ProtoLiteUtils.marshaller(GetVersionRequest.getDefaultInstance()))
                .build();

        var e = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> ClientCalls.blockingUnaryCall(
                        connect(), method, CallOptions.DEFAULT, GetVersionRequest.getDefaultInstance()));

        assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
    }

    @Test
    void fieldsThatThereAreNoneOfAreIgnored() {
        start();
        var unknown = GetVersionRequest.newBuilder()
                .setUnknownFields(com.google.protobuf.UnknownFieldSet.newBuilder()
                        .addField(
                                999,
                                com.google.protobuf.UnknownFieldSet.Field.newBuilder()
                                        .addVarint(1)
                                        .build())
                        .build())
                .build();

        assertThat(RuntimeServiceGrpc.newBlockingStub(connect())
                        .getVersion(unknown)
                        .getVersion())
                .isEqualTo("1.2.3");
    }

    @Test
    void headersThatAreTooLargeEndTheCallAlone() {
        start();
        var headers = new Metadata();
        headers.put(Metadata.Key.of("large", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(20_000));
        var channel = connect();

        var e = catchThrowableOfType(
                StatusRuntimeException.class,
                () -> RuntimeServiceGrpc.newBlockingStub(channel)
                        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                        .getVersion(GetVersionRequest.getDefaultInstance()));

        assertThat(e).isNotNull();
        assertThat(version(channel)).isEqualTo("1.2.3");
    }

    @Test
    void bytesThatAreNoHttp2AreCutOffAndHarmNobody() throws IOException {
        start();
        var channel = connect();
        assertThat(version(channel)).isEqualTo("1.2.3");
        var random = new byte[4096];
        new Random(7).nextBytes(random);

        for (var bytes : List.of(
                random, "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII), new byte[65536])) {
            try (var stranger = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                writeIgnoringReset(stranger, bytes);
                assertThat(drain(stranger)).doesNotContain("Exception").doesNotContain("at io.");
            }
        }

        assertThat(version(channel)).isEqualTo("1.2.3");
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
        start();
        var idle = new ArrayList<SocketChannel>();
        for (int i = 0; i < 4; i++) {
            idle.add(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            opened.add(idle.getLast());
        }
        var extra = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        opened.add(extra);
        await().until(() -> extra.read(ByteBuffer.allocate(1024)) < 0);

        idle.getFirst().close();

        var channel = connect();
        await().ignoreExceptions()
                .untilAsserted(() -> assertThat(version(channel)).isEqualTo("1.2.3"));
    }

    private Container running(ManagedChannel channel) {
        var request = CreateContainerRequest.newBuilder();
        request.getSpecBuilder().setImage("busybox").addArgs("hold");
        var containers = ContainerServiceGrpc.newBlockingStub(channel);
        var id = containers.createContainer(request.build()).getContainer().getId();
        containers.startContainer(
                StartContainerRequest.newBuilder().setContainer(id).build());
        return runtime.containers().get(id);
    }

    @Test
    void endingTellsWatchersAtOnceAndLeavesContainersAlone() throws Exception {
        var server = start(withGrace(Duration.ofMinutes(10)));
        var channel = connect();
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
        version(channel);

        server.close();

        assertThat(health.poll(10, TimeUnit.SECONDS)).isEqualTo(ServingStatus.NOT_SERVING);
        assertThatThrownBy(() -> waiting.get(10, TimeUnit.SECONDS))
                .cause()
                .satisfies(e -> assertThat(Objects.requireNonNull(StatusProto.fromThrowable(e))
                                .getDetails(0)
                                .unpack(ErrorInfo.class)
                                .getReason())
                        .isEqualTo("SHUTTING_DOWN"));
        assertThat(socket).doesNotExist();
        assertThat(runtime.containers().get(container.id().value()).state()).isEqualTo(ContainerState.RUNNING);
    }
}
