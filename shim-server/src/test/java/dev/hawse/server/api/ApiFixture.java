package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.CreateContainerRequest;
import dev.hawse.api.runtime.v1.StartContainerRequest;
import dev.hawse.exec.ExecSettings;
import dev.hawse.exec.Execs;
import dev.hawse.runtime.Reason;
import dev.hawse.state.StateException;
import dev.hawse.state.StateStore;
import dev.hawse.stream.EventLog;
import dev.hawse.testing.FakeRuntime;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** The whole API in this process, on engines in memory. */
final class ApiFixture implements AutoCloseable {

    final OpenCalls openCalls = new OpenCalls();
    final EventLog events = new EventLog(1);
    private final ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger sent = new AtomicInteger();
    final ManagedChannel channel;
    private final Server server;

    final Execs execs;
    private final Path dir;
    private final boolean ownDir;
    private final StateStore state;

    ApiFixture(FakeRuntime... runtimes) throws IOException {
        this(Files.createTempDirectory("hawse-api-test"), true, runtimes);
    }

    /** On a folder of state that outlives this. */
    static ApiFixture in(Path dir, FakeRuntime... runtimes) throws IOException {
        return new ApiFixture(dir, false, runtimes);
    }

    private ApiFixture(Path dir, boolean ownDir, FakeRuntime... runtimes) throws IOException {
        this.dir = dir;
        this.ownDir = ownDir;
        this.state = open(dir.resolve("state"));
        var name = InProcessServerBuilder.generateName();
        var builder =
                InProcessServerBuilder.forName(name).intercept(new CountSent()).intercept(openCalls);
        execs = new Execs(
                new ExecSettings(
                        state.execs(),
                        "this boot",
                        () -> Duration.ofNanos(System.nanoTime()),
                        dir.resolve("execs"),
                        dir.resolve("spill"),
                        Duration.ofMinutes(1)),
                workers);
        execs.load();
        for (var runtime : runtimes) {
            execs.recover(runtime.execs(), runtime.kind()).join();
        }
        ApiServices.on(
                        new Runtimes(Arrays.asList(runtimes)),
                        execs,
                        events,
                        new BuildInfo("1.2.3", "abc"),
                        workers,
                        List.of("something to know"))
                .forEach(builder::addService);
        server = builder.build().start();
        channel = InProcessChannelBuilder.forName(name).build();
    }

    private static StateStore open(Path dir) throws IOException {
        try {
            return StateStore.open(Files.createDirectories(dir));
        } catch (StateException e) {
            throw new AssertionError(e);
        }
    }

    ContainerServiceGrpc.ContainerServiceBlockingStub containers() {
        return ContainerServiceGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    /** Creates a container that runs this, and answers its id. */
    String create(String name, String... args) {
        var request = CreateContainerRequest.newBuilder();
        request.getSpecBuilder().setImage("busybox").setName(name).addAllArgs(Arrays.asList(args));
        return containers().createContainer(request.build()).getContainer().getId();
    }

    /** Creates and starts a container that runs until it is told to end. */
    String run(String name) {
        var id = create(name, "hold");
        containers()
                .startContainer(
                        StartContainerRequest.newBuilder().setContainer(id).build());
        return id;
    }

    static void fails(Reason reason, ThrowingCallable call) {
        var e = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(e).isNotNull();
        assertThat(e.getStatus().getCode().name()).isEqualTo(reason.code().name());
        assertThat(errorInfo(e).getReason()).isEqualTo(reason.name());
    }

    static ErrorInfo errorInfo(Throwable e) {
        try {
            return Objects.requireNonNull(StatusProto.fromThrowable(e))
                    .getDetails(0)
                    .unpack(ErrorInfo.class);
        } catch (InvalidProtocolBufferException notOne) {
            throw new AssertionError(notOne);
        }
    }

    /** How many messages the server has given to the transport, whether or not the client asked for them. */
    int sent() {
        return sent.get();
    }

    private final class CountSent implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            return next.startCall(
                    new SimpleForwardingServerCall<>(call) {
                        @Override
                        public void sendMessage(A message) {
                            sent.incrementAndGet();
                            super.sendMessage(message);
                        }
                    },
                    headers);
        }
    }

    @Override
    public void close() {
        workers.shutdownNow();
        channel.shutdownNow();
        server.shutdownNow();
        await().until(server::isTerminated);
        execs.close();
        state.close();
        if (ownDir) {
            remove(dir);
        }
    }

    static void remove(Path dir) {
        try (var files = Files.walk(dir)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
