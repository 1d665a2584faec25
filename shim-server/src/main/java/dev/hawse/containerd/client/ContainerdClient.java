package dev.hawse.containerd.client;

import com.google.common.base.Throwables;
import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.Uninterruptibles;
import com.google.protobuf.Empty;
import com.google.protobuf.Timestamp;
import dev.hawse.containerd.api.services.containers.v1.ContainersGrpc;
import dev.hawse.containerd.api.services.content.v1.ContentGrpc;
import dev.hawse.containerd.api.services.diff.v1.DiffGrpc;
import dev.hawse.containerd.api.services.events.v1.EventsGrpc;
import dev.hawse.containerd.api.services.images.v1.ImagesGrpc;
import dev.hawse.containerd.api.services.introspection.v1.IntrospectionGrpc;
import dev.hawse.containerd.api.services.leases.v1.CreateRequest;
import dev.hawse.containerd.api.services.leases.v1.LeasesGrpc;
import dev.hawse.containerd.api.services.namespaces.v1.NamespacesGrpc;
import dev.hawse.containerd.api.services.snapshots.v1.SnapshotsGrpc;
import dev.hawse.containerd.api.services.tasks.v1.TasksGrpc;
import dev.hawse.containerd.api.services.version.v1.VersionGrpc;
import dev.hawse.containerd.api.services.version.v1.VersionResponse;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * containerd's services over its unix socket, every call in one namespace. Safe for use by any number of threads.
 *
 * <p>Each accessor gives a stub whose deadline begins now: ask for one per call. A daemon that answers nobody ends its calls
 * after a few seconds, as {@link Pulse} has it, however long their deadlines are. The accessors that end in {@code Async}
 * have none, for calls that last as long as what they watch.
 */
public final class ContainerdClient implements AutoCloseable {

    /** What a call may take that only reads or writes metadata. */
    public static final Duration QUICK = Duration.ofSeconds(10);

    /** What a call may take that starts, deletes or unpacks something. */
    public static final Duration SLOW = Duration.ofSeconds(60);

    /** containerd's own limit, both ways. */
    private static final int MAX_MESSAGE = 16 << 20;

    private static final Logger log = LoggerFactory.getLogger(ContainerdClient.class);
    private static final Metadata.Key<String> NAMESPACE =
            Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> LEASE =
            Metadata.Key.of("containerd-lease", Metadata.ASCII_STRING_MARSHALLER);

    private final Path socket;
    private final String namespace;
    private final ManagedChannel channel;
    private final EventLoopGroup loops;
    private final Channel calls;
    private final Pulse pulse;

    /** Does not connect yet: the first call does, and every call after a loss of the daemon tries again. */
    public ContainerdClient(Path socket, String namespace) {
        this.socket = socket;
        this.namespace = namespace;
        this.loops = new MultiThreadIoEventLoopGroup(
                1, Thread.ofPlatform().daemon().name("containerd-io-", 0).factory(), EpollIoHandler.newFactory());
        // The authority would be the socket's path, which stricter HTTP/2 servers refuse (grpc/grpc-java#12664).
        this.channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .eventLoopGroup(loops)
                .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
                .overrideAuthority("localhost")
                .usePlaintext()
                .disableRetry()
                .maxInboundMessageSize(MAX_MESSAGE)
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
        this.calls = ClientInterceptors.intercept(channel, header(NAMESPACE, namespace));
        this.pulse = new Pulse(loops, this::askForLife);
    }

    ContainerdClient(ContainerdClient of, String lease) {
        this.socket = of.socket;
        this.namespace = of.namespace;
        this.loops = of.loops;
        this.channel = of.channel;
        this.calls = ClientInterceptors.intercept(of.calls, header(LEASE, lease));
        this.pulse = of.pulse;
    }

    private void askForLife(Duration within, Consumer<Boolean> alive) {
        var answer = VersionGrpc.newFutureStub(calls)
                .withDeadlineAfter(within.toNanos(), TimeUnit.NANOSECONDS)
                .version(Empty.getDefaultInstance());
        Futures.addCallback(
                answer,
                new FutureCallback<>() {
                    @Override
                    public void onSuccess(VersionResponse response) {
                        alive.accept(true);
                    }

                    @Override
                    public void onFailure(Throwable failure) {
                        alive.accept(Status.fromThrowable(failure).getCode() != Status.Code.DEADLINE_EXCEEDED);
                    }
                },
                Runnable::run);
    }

    public Path socket() {
        return socket;
    }

    public String namespace() {
        return namespace;
    }

    public ContainersGrpc.ContainersBlockingStub containers() {
        return within(QUICK, ContainersGrpc.newBlockingStub(calls));
    }

    public TasksGrpc.TasksBlockingStub tasks(Duration deadline) {
        return within(deadline, TasksGrpc.newBlockingStub(calls));
    }

    /** Answers on the thread that reads from containerd, which must not be blocked. */
    public TasksGrpc.TasksFutureStub tasksAsync(Duration deadline) {
        return within(deadline, tasksAsync());
    }

    /** Without deadline, since Wait lasts as long as the process; answers as {@link #tasksAsync(Duration)} does. */
    public TasksGrpc.TasksFutureStub tasksAsync() {
        return TasksGrpc.newFutureStub(calls).withExecutor(MoreExecutors.directExecutor());
    }

    public SnapshotsGrpc.SnapshotsBlockingStub snapshots() {
        return within(SLOW, SnapshotsGrpc.newBlockingStub(calls));
    }

    public ImagesGrpc.ImagesBlockingStub images() {
        return within(QUICK, ImagesGrpc.newBlockingStub(calls));
    }

    public ContentGrpc.ContentBlockingStub content() {
        return within(SLOW, ContentGrpc.newBlockingStub(calls));
    }

    /** Without deadline, for writes by one thread: each wait for an answer is bounded by the caller. */
    public ContentGrpc.ContentBlockingV2Stub contentWrites() {
        return ContentGrpc.newBlockingV2Stub(calls);
    }

    public DiffGrpc.DiffBlockingStub diff(Duration deadline) {
        return within(deadline, DiffGrpc.newBlockingStub(calls));
    }

    public VersionGrpc.VersionBlockingStub version(Duration deadline) {
        return within(deadline, VersionGrpc.newBlockingStub(calls));
    }

    public IntrospectionGrpc.IntrospectionBlockingStub introspection(Duration deadline) {
        return within(deadline, IntrospectionGrpc.newBlockingStub(calls));
    }

    /** Deleting a lease with {@code sync} collects garbage before the answer, which takes its time. */
    public LeasesGrpc.LeasesBlockingStub leases() {
        return within(SLOW, LeasesGrpc.newBlockingStub(calls));
    }

    public NamespacesGrpc.NamespacesBlockingStub namespaces() {
        return within(QUICK, NamespacesGrpc.newBlockingStub(calls));
    }

    /** Without deadline: a subscription lasts as long as the daemon. */
    public EventsGrpc.EventsStub eventsAsync() {
        return EventsGrpc.newStub(calls);
    }

    /**
     * Protects from containerd's garbage collection what is made through {@link Lease#client()}, until it is closed or the
     * time has run out, as after a crash. Needed around everything that takes more than one call: content and snapshots
     * that nothing refers to yet are collected between two calls.
     */
    public Lease lease(Duration expiry) {
        var until = Instant.now().plus(expiry);
        var request = CreateRequest.newBuilder()
                .putLabels("containerd.io/gc.expire", until.toString())
                .putLabels(Owner.LEASE_LABEL, Owner.self().toLabel())
                .build();
        // Cut off, it might leave a lease of which nobody here knows.
        var created = uninterrupted(
                () -> within(QUICK, LeasesGrpc.newBlockingStub(calls)).create(request));
        return new Lease(this, created.getLease().getId());
    }

    /**
     * Does what must be done although the thread is interrupted, now or meanwhile, or the call that it serves was cancelled:
     * either would end calls to containerd at once. An interrupt is there again afterwards.
     */
    public static void despiteCancellation(Runnable cleanup) {
        uninterrupted(Executors.callable(cleanup));
    }

    private static <T extends @Nullable Object> T uninterrupted(Callable<T> calls) {
        var task = new FutureTask<>(calls);
        Thread.ofVirtual().name("uninterrupted").start(task);
        try {
            return Uninterruptibles.getUninterruptibly(task);
        } catch (ExecutionException e) {
            var cause = Objects.requireNonNull(e.getCause());
            Throwables.throwIfUnchecked(cause);
            throw new IllegalStateException(cause);
        }
    }

    /** Tries to connect now, if the daemon was lost, rather than when the pause between two attempts is over. */
    public void reconnect() {
        channel.resetConnectBackoff();
    }

    /** Ends every call under way. */
    @Override
    public void close() {
        channel.shutdownNow();
        try {
            if (!channel.awaitTermination(5, TimeUnit.SECONDS)) {
                log.warn("the channel to {} did not end in time", socket);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** containerd writes Go's zero time for "never". */
    public static boolean isSet(Timestamp time) {
        return time.getSeconds() > 0;
    }

    public static Instant instant(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    /** What has a short deadline is a question whether the daemon lives, or good enough for one. */
    private <S extends AbstractStub<S>> S within(Duration deadline, S stub) {
        var bounded = stub.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS);
        return deadline.compareTo(QUICK) < 0 ? bounded : bounded.withInterceptors(pulse);
    }

    private static ClientInterceptor header(Metadata.Key<String> key, String value) {
        var metadata = new Metadata();
        metadata.put(key, value);
        return MetadataUtils.newAttachHeadersInterceptor(metadata);
    }
}
