package dev.hawse.server;

import dev.hawse.api.runtime.v1.AttachContainerRequest;
import dev.hawse.api.runtime.v1.AttachContainerResponse;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.ContainerSpec;
import dev.hawse.api.runtime.v1.ContainerState;
import dev.hawse.api.runtime.v1.CreateContainerRequest;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.ExecStart;
import dev.hawse.api.runtime.v1.ExitOutcome;
import dev.hawse.api.runtime.v1.GetContainerRequest;
import dev.hawse.api.runtime.v1.ListContainersRequest;
import dev.hawse.api.runtime.v1.RemoveContainerRequest;
import dev.hawse.api.runtime.v1.RunContainerRequest;
import dev.hawse.api.runtime.v1.RunContainerResponse;
import dev.hawse.api.runtime.v1.StartContainerRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A caller that means no good, on stubs alone: nothing checks what it sends. Its containers go when it is closed. */
final class Stranger implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 30;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ManagedChannel channel;
    private final String image;
    private final List<String> idle;
    private final List<String> made = new ArrayList<>();

    /**
     * A caller of the server at this socket.
     *
     * @param idle a command line that runs until it is killed
     */
    Stranger(Path socket, String image, String... idle) {
        channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .eventLoopGroup(loops)
                .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
                .overrideAuthority("localhost")
                .usePlaintext()
                .maxInboundMetadataSize(64 << 10)
                .build();
        this.image = image;
        this.idle = Arrays.asList(idle);
    }

    ManagedChannel channel() {
        return channel;
    }

    ContainerServiceGrpc.ContainerServiceBlockingStub containers() {
        return ContainerServiceGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Creates a container and answers its id. */
    String create(Consumer<ContainerSpec.Builder> spec) {
        var request = CreateContainerRequest.newBuilder();
        request.getSpecBuilder().setImage(image).addAllArgs(idle);
        spec.accept(request.getSpecBuilder());
        var id = containers().createContainer(request.build()).getContainer().getId();
        made.add(id);
        return id;
    }

    void get(String container) {
        containers()
                .getContainer(
                        GetContainerRequest.newBuilder().setContainer(container).build());
    }

    void start(String container) {
        containers()
                .startContainer(StartContainerRequest.newBuilder()
                        .setContainer(container)
                        .build());
    }

    /** A container in which commands can be executed. */
    String running() {
        return running(_ -> {});
    }

    String running(Consumer<ContainerSpec.Builder> spec) {
        var id = create(spec);
        start(id);
        return id;
    }

    /** How many containers it was given. */
    int made() {
        return made.size();
    }

    /** How many containers the server has. */
    int count() {
        return containers()
                .listContainers(ListContainersRequest.getDefaultInstance())
                .getContainersCount();
    }

    ContainerState state(String container) {
        return containers()
                .getContainer(
                        GetContainerRequest.newBuilder().setContainer(container).build())
                .getContainer()
                .getState();
    }

    /** What a command writes on both streams. */
    String output(String container, String... args) {
        var out = new StringBuilder();
        for (var frame : execute(container, args)) {
            out.append(frame.getStdout().getData().toStringUtf8());
            out.append(frame.getStderr().getData().toStringUtf8());
        }
        return out.toString();
    }

    /** How a command ends. */
    ExitOutcome exit(String container, String... args) {
        return execute(container, args).getLast().getExited().getOutcome();
    }

    private List<ExecResponse> execute(String container, String... args) {
        var request = ExecRequest.newBuilder();
        request.getStartBuilder().setContainer(container).addAllArgs(Arrays.asList(args));
        return exchange(request.build());
    }

    /** Sends every frame without waiting for any. */
    List<ExecResponse> exchangeAtOnce(ExecRequest... frames) {
        return exchange(answers -> ExecServiceGrpc.newStub(channel).exec(answers), null, frames);
    }

    /** Executes a command in a running container, then sends frames. */
    void exec(Consumer<ExecStart.Builder> start, ExecRequest... frames) {
        var request = ExecRequest.newBuilder();
        request.getStartBuilder().setContainer(running()).addAllArgs(idle);
        start.accept(request.getStartBuilder());
        var all = new ArrayList<>(List.of(request.build()));
        all.addAll(Arrays.asList(frames));
        exchange(all.toArray(ExecRequest[]::new));
    }

    /** Sends each frame when the answer to the one before has come, if there is one to come. */
    List<ExecResponse> exchange(ExecRequest... frames) {
        return exchange(answers -> ExecServiceGrpc.newStub(channel).exec(answers), ExecResponse::hasStarted, frames);
    }

    List<RunContainerResponse> run(RunContainerRequest... frames) {
        return exchange(
                answers -> ContainerServiceGrpc.newStub(channel).runContainer(answers),
                RunContainerResponse::hasStarted,
                frames);
    }

    List<AttachContainerResponse> attach(AttachContainerRequest... frames) {
        return exchange(
                answers -> ContainerServiceGrpc.newStub(channel).attachContainer(answers),
                AttachContainerResponse::hasAttached,
                frames);
    }

    /** The first frame alone, then, when the answer says that it has begun or ended, the rest. */
    @SafeVarargs
    private static <Q, A> List<A> exchange(
            Function<StreamObserver<A>, StreamObserver<Q>> method, @Nullable Predicate<A> begun, Q... frames) {
        var answers = new ArrayList<A>();
        var begin = new CompletableFuture<Void>();
        var end = new CompletableFuture<Void>();
        var requests = method.apply(new StreamObserver<>() {
            @Override
            public void onNext(A answer) {
                answers.add(answer);
                if (begun != null && begun.test(answer)) {
                    begin.complete(null);
                }
            }

            @Override
            public void onError(Throwable e) {
                begin.complete(null);
                end.completeExceptionally(e);
            }

            @Override
            public void onCompleted() {
                begin.complete(null);
                end.complete(null);
            }
        });
        for (int i = 0; i < frames.length; i++) {
            requests.onNext(frames[i]);
            if (i == 0 && frames.length > 1 && begun != null) {
                await(begin);
            }
        }
        if (frames.length == 0) {
            requests.onCompleted();
        }
        await(end);
        return answers;
    }

    private static void await(CompletableFuture<Void> future) {
        try {
            future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw (StatusRuntimeException) e.getCause();
        } catch (TimeoutException e) {
            throw new AssertionError("the call goes on; it should have been refused", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        try {
            for (var id : made) {
                containers()
                        .removeContainer(RemoveContainerRequest.newBuilder()
                                .setContainer(id)
                                .setForce(true)
                                .build());
            }
        } finally {
            channel.shutdownNow();
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }
}
