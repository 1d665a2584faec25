package dev.hawse.client;

import dev.hawse.client.HawseException.Code;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The channel to one server and the threads behind it: one that moves bytes and must never be blocked, and a few, only
 * while there is something to do, on which the caller's listeners run.
 */
final class Connection implements AutoCloseable {

    /** A page of a thousand containers with everything they were made of fits. */
    private static final int MAX_MESSAGE = 32 << 20;

    /** Fixed, so that what a stream holds unread is bounded. */
    private static final int FLOW_CONTROL_WINDOW = 1 << 20;

    private final Failures failures;
    private final Duration deadline;
    private final int outputWindow;
    private final @Nullable Path spillDirectory;
    private final EventLoopGroup loop;
    private final ExecutorService executor;
    private final ManagedChannel channel;

    Connection(String address, Duration deadline, int outputWindow, @Nullable Path spillDirectory) {
        Target target = Target.parse(address);
        this.failures = new Failures(target.toString());
        this.deadline = deadline;
        this.outputWindow = outputWindow;
        this.spillDirectory = spillDirectory;
        this.loop = new MultiThreadIoEventLoopGroup(1, daemons("hawse-client-io"), io(target));
        this.executor = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), daemons("hawse-client"));
        this.channel = channel(target)
                .eventLoopGroup(loop)
                .usePlaintext()
                .disableRetry()
                .directExecutor()
                .flowControlWindow(FLOW_CONTROL_WINDOW)
                .maxInboundMessageSize(MAX_MESSAGE)
                .build();
    }

    private static IoHandlerFactory io(Target target) {
        if (target instanceof Target.Tcp) {
            return NioIoHandler.newFactory();
        }
        if (!Epoll.isAvailable()) {
            throw new HawseException(
                    Code.UNIMPLEMENTED, "unix sockets need Linux on x86-64 or arm64 here", Epoll.unavailabilityCause());
        }
        return EpollIoHandler.newFactory();
    }

    private static NettyChannelBuilder channel(Target target) {
        if (target instanceof Target.Unix unix) {
            // The authority would be the socket's path, which stricter HTTP/2 servers refuse (grpc/grpc-java#12664).
            return NettyChannelBuilder.forAddress(new DomainSocketAddress(unix.path()))
                    .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
                    // Which gRPC sets and Netty warns of, since a unix socket has none; null takes it out again.
                    .withOption(ChannelOption.SO_KEEPALIVE, null)
                    .overrideAuthority("localhost");
        }
        var tcp = (Target.Tcp) target;
        return NettyChannelBuilder.forAddress(tcp.host(), tcp.port()).channelType(NioSocketChannel.class);
    }

    Failures failures() {
        return failures;
    }

    /** How long a call may take that answers soon. */
    Duration deadline() {
        return deadline;
    }

    int outputWindow() {
        return outputWindow;
    }

    @Nullable
    Path spillDirectory() {
        return spillDirectory;
    }

    /** For what may block: the caller's listeners, files. */
    ExecutorService executor() {
        return executor;
    }

    /** One question, one answer, within the usual time. */
    <Q, R> R unary(MethodDescriptor<Q, R> method, Q request) {
        return unary(method, request, deadline);
    }

    /** One question, one answer; without deadline when the answer lasts as long as what it waits for. */
    <Q, R> R unary(MethodDescriptor<Q, R> method, Q request, @Nullable Duration within) {
        try {
            return ClientCalls.blockingUnaryCall(channel, method, options(within), request);
        } catch (RuntimeException e) {
            throw failures.from(e);
        }
    }

    /** One question, a stream of answers without deadline. */
    <Q, R> ResponseStream<R> serverStream(MethodDescriptor<Q, R> method, Q request) {
        var context = Context.current().withCancellation();
        Context before = context.attach();
        try {
            var responses = ClientCalls.blockingServerStreamingCall(channel, method, CallOptions.DEFAULT, request);
            return new ResponseStream<>(responses, context, failures);
        } finally {
            context.detach(before);
        }
    }

    /** A stream both ways without deadline, not begun yet. */
    <Q, R> ClientCall<Q, R> call(MethodDescriptor<Q, R> method) {
        return channel.newCall(method, CallOptions.DEFAULT);
    }

    /** Has the next call connect at once, also when connecting has just failed. */
    void connectAnew() {
        channel.resetConnectBackoff();
    }

    boolean isClosed() {
        return channel.isShutdown();
    }

    private static CallOptions options(@Nullable Duration within) {
        return within == null
                ? CallOptions.DEFAULT
                : CallOptions.DEFAULT.withDeadlineAfter(within.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static ThreadFactory daemons(String name) {
        var number = new AtomicInteger();
        return task -> {
            var thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            if (!channel.awaitTermination(2, TimeUnit.SECONDS)) {
                // What is left belongs to the daemon thread below, which ends all the same.
                channel.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
}
