package dev.hawse.server;

import dev.hawse.exec.ExecSettings;
import dev.hawse.exec.Execs;
import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.server.api.ApiServices;
import dev.hawse.server.api.BuildInfo;
import dev.hawse.server.api.OpenCalls;
import dev.hawse.server.api.Runtimes;
import dev.hawse.server.config.HawseConfig;
import dev.hawse.state.StateException;
import dev.hawse.state.StateStore;
import dev.hawse.stream.EventLog;
import dev.hawse.stream.EventMerge;
import dev.hawse.sys.HostBoot;
import dev.hawse.sys.Reactor;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallExecutorSupplier;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server. It owns its engines, its socket and its locks, and frees them when it is closed; containers go on.
 * Closing it twice is no error; any thread may do so, and every one that does returns when it is closed.
 */
final class HawseServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(HawseServer.class);

    /** More than any client of one connection is known to need, and an end to what one can take. */
    private static final int MOST_CALLS_PER_CONNECTION = 1024;

    /**
     * A call that ends before its caller has half-closed it counts as reset, so every command does whose input stayed open.
     * Going beyond the limit breaks the connection with all its calls: it is far above what commands can come to, and ends
     * only a caller that has lost its mind.
     */
    private static final int MOST_RESETS = 30_000;

    private static final int RESET_SECONDS = 30;

    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    private final HawseConfig config;
    private final HealthStatusManager health = new HealthStatusManager();
    private final OpenCalls openCalls = new OpenCalls();
    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private @Nullable Server grpc;
    private boolean closed;

    private HawseServer(HawseConfig config) {
        this.config = config;
    }

    /**
     * Starts a server, which can be called when this returns.
     *
     * @param runtimes makes the engines once it is certain that no other server has the same state
     * @throws StartFailure with nothing left behind
     */
    static HawseServer start(HawseConfig config, BuildInfo build, RuntimeFactory runtimes) {
        var server = new HawseServer(config);
        try {
            server.open(build, runtimes);
            return server;
        } catch (IOException e) {
            server.close();
            throw new StartFailure("cannot listen: " + e.getMessage(), e);
        } catch (RuntimeException | Error e) {
            server.close();
            throw e;
        }
    }

    private void open(BuildInfo build, RuntimeFactory factory) throws IOException {
        var path = config.listen().socket();
        Directories.own(config.paths().state(), "rwx------", "paths.state");
        Directories.own(config.paths().run(), "rwxr-x---", "paths.run");
        Directories.shared(path.resolveSibling(""), "listen.address");
        var loops = own(loops());
        var socket = own(SocketPath.claim(path, loops));
        own(LockFile.acquire(
                config.paths().state().resolve("lock"),
                "paths.state: " + config.paths().state()));
        own(LockFile.acquire(path.resolveSibling(path.getFileName() + ".lock"), "listen.address: " + path));
        var state = own(state());
        var runtimes = factory.make(config, LoopHost.of(loops));
        runtimes.forEach(this::own);
        var calls = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("call-", 0).factory());
        owned.push(() -> endTasks(calls));
        var kept =
                state.events(config.events().retentionCount(), config.events().retention());
        var events = new EventLog(kept, calls);
        var merge = new EventMerge(events, kept);
        runtimes.forEach(runtime -> own(runtime.events(merge)));
        var execs = own(execs(state, calls));
        execs.load();
        for (var runtime : runtimes) {
            var _ = execs.recover(runtime.execs(), runtime.kind());
        }
        var services = ApiServices.on(
                new Runtimes(runtimes),
                execs,
                events,
                build,
                calls,
                state.warning().stream().toList());
        setHealth(services, ServingStatus.NOT_SERVING);
        grpc = build(socket, loops, calls, services).start();
        socket.publish(config.listen().group());
        setHealth(services, ServingStatus.SERVING);
        log.info("hawsed {} serves at unix:{}", build, path);
    }

    private StateStore state() {
        try {
            return StateStore.open(config.paths().state());
        } catch (StateException e) {
            throw new StartFailure("paths.state: " + e.getMessage(), e);
        }
    }

    private Execs execs(StateStore state, Executor workers) {
        var run = config.paths().run();
        return new Execs(
                new ExecSettings(
                        state.execs(),
                        HostBoot.id(),
                        HostBoot::since,
                        run.resolve("execs"),
                        config.paths().state().resolve("spill"),
                        config.exec().retention()),
                workers);
    }

    private Server build(
            SocketPath socket, EventLoopGroup loops, ExecutorService calls, List<BindableService> services) {
        var limits = new InboundLimits(config.server().maxMessageBytes());
        var builder = NettyServerBuilder.forAddress(
                        socket.bindAddress(),
                        PeerNegotiator.credentials(config.server().maxConnections()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .directExecutor()
                .callExecutor(new CallExecutors(calls))
                .maxInboundMessageSize(limits.messageGuard())
                .maxInboundMetadataSize(InboundLimits.METADATA_GUARD)
                .maxConcurrentCallsPerConnection(MOST_CALLS_PER_CONNECTION)
                .maxRstFramesPerWindow(MOST_RESETS, RESET_SECONDS)
                .handshakeTimeout(10, TimeUnit.SECONDS)
                .maxConnectionIdle(30, TimeUnit.MINUTES)
                // No keep-alive from this side: the kernel tells of a peer's death, and one that is only stopped, as in
                // a debugger, shall find its commands alive.
                .permitKeepAliveTime(20, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                // The last one added is the first to see a call.
                .intercept(PeerNegotiator.interceptor())
                .intercept(openCalls);
        services.forEach(service -> builder.addService(limits.guard(service)));
        return builder.addService(limits.guard(health.getHealthService()))
                .addService(limits.guard(ProtoReflectionServiceV1.newInstance()))
                .build();
    }

    private void setHealth(List<BindableService> services, ServingStatus status) {
        health.setStatus("", status);
        services.forEach(service ->
                health.setStatus(service.bindService().getServiceDescriptor().getName(), status));
    }

    private EventLoopGroup loops() {
        return new MultiThreadIoEventLoopGroup(
                Math.min(4, Runtime.getRuntime().availableProcessors()),
                Thread.ofPlatform().daemon().name("hawse-io-", 0).factory(),
                EpollIoHandler.newFactory());
    }

    private <T extends AutoCloseable> T own(T resource) {
        owned.push(resource);
        return resource;
    }

    private EventLoopGroup own(EventLoopGroup group) {
        owned.push(() -> group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly());
        return group;
    }

    /** Returns when the server takes no more calls and none is under way. */
    void awaitTermination() throws InterruptedException {
        if (grpc != null) {
            grpc.awaitTermination();
        }
    }

    /** Lets calls go on for the configured grace, but for those that only watch; then ends them, and frees everything. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        health.enterTerminalState();
        if (grpc != null) {
            log.info("ending; calls under way: {}", openCalls.count());
            drain(grpc);
        }
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (Exception e) {
                log.warn("something could not be closed", e);
            }
        }
        if (grpc != null) {
            log.info("ended");
        }
    }

    private void drain(Server grpc) {
        grpc.shutdown();
        openCalls.endWatching();
        try {
            if (!grpc.awaitTermination(config.server().shutdownGrace().toMillis(), TimeUnit.MILLISECONDS)) {
                log.info("the grace is over; calls that are ended: {}", openCalls.count());
                openCalls.endAll();
                if (!grpc.awaitTermination(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS)) {
                    grpc.shutdownNow();
                    grpc.awaitTermination(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            grpc.shutdownNow();
        }
    }

    /** What calls have set going when they were ended, such as the killing of a container, is done; what waits is not. */
    private static void endTasks(ExecutorService calls) throws InterruptedException {
        calls.shutdown();
        if (!calls.awaitTermination(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS)) {
            calls.shutdownNow();
        }
    }

    /** Makes the engines that a configuration asks for, the active one first, which may use loops that outlive them. */
    interface RuntimeFactory {
        List<ContainerRuntime> make(HawseConfig config, List<? extends Reactor.Host> loops);
    }

    /**
     * A call that begins with a whole request may block on it, so each has a virtual thread; streams from callers never
     * block, so they stay on their event loop.
     */
    private record CallExecutors(Executor workers) implements ServerCallExecutorSupplier {
        @Override
        public <Q, A> Executor getExecutor(ServerCall<Q, A> call, Metadata metadata) {
            return switch (call.getMethodDescriptor().getType()) {
                case UNARY, SERVER_STREAMING -> workers;
                case CLIENT_STREAMING, BIDI_STREAMING, UNKNOWN -> Runnable::run;
            };
        }
    }
}
