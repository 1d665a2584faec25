package dev.hawse.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hawse.api.runtime.v1.AttachContainerRequest;
import dev.hawse.api.runtime.v1.AttachContainerResponse;
import dev.hawse.api.runtime.v1.AttachExecRequest;
import dev.hawse.api.runtime.v1.AttachExecResponse;
import dev.hawse.api.runtime.v1.Container;
import dev.hawse.api.runtime.v1.ContainerAttached;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.ContainerSpec;
import dev.hawse.api.runtime.v1.ContainerState;
import dev.hawse.api.runtime.v1.CreateContainerRequest;
import dev.hawse.api.runtime.v1.CreateContainerResponse;
import dev.hawse.api.runtime.v1.DetachOnDisconnect;
import dev.hawse.api.runtime.v1.DisconnectPolicy;
import dev.hawse.api.runtime.v1.Exec;
import dev.hawse.api.runtime.v1.ExecAttached;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.ExecStarted;
import dev.hawse.api.runtime.v1.ExecState;
import dev.hawse.api.runtime.v1.ExitOutcome;
import dev.hawse.api.runtime.v1.GetContainerRequest;
import dev.hawse.api.runtime.v1.GetContainerResponse;
import dev.hawse.api.runtime.v1.GetExecRequest;
import dev.hawse.api.runtime.v1.GetExecResponse;
import dev.hawse.api.runtime.v1.Image;
import dev.hawse.api.runtime.v1.ImageServiceGrpc;
import dev.hawse.api.runtime.v1.ListContainersRequest;
import dev.hawse.api.runtime.v1.ListContainersResponse;
import dev.hawse.api.runtime.v1.ListExecsRequest;
import dev.hawse.api.runtime.v1.ListExecsResponse;
import dev.hawse.api.runtime.v1.ListImagesRequest;
import dev.hawse.api.runtime.v1.ListImagesResponse;
import dev.hawse.api.runtime.v1.LoadImagesRequest;
import dev.hawse.api.runtime.v1.LoadImagesResponse;
import dev.hawse.api.runtime.v1.LoadPhase;
import dev.hawse.api.runtime.v1.LoadProgress;
import dev.hawse.api.runtime.v1.OutputChunk;
import dev.hawse.api.runtime.v1.OutputOffsets;
import dev.hawse.api.runtime.v1.OutputStream;
import dev.hawse.api.runtime.v1.ProcessExited;
import dev.hawse.api.runtime.v1.ProcessIo;
import dev.hawse.api.runtime.v1.SaveImagesRequest;
import dev.hawse.api.runtime.v1.SaveImagesResponse;
import dev.hawse.api.runtime.v1.SignalExecRequest;
import dev.hawse.api.runtime.v1.SignalExecResponse;
import dev.hawse.api.runtime.v1.SpawnFailure;
import dev.hawse.api.runtime.v1.SpawnFailureKind;
import dev.hawse.api.runtime.v1.StartContainerRequest;
import dev.hawse.api.runtime.v1.StartContainerResponse;
import dev.hawse.api.runtime.v1.StartExecRequest;
import dev.hawse.api.runtime.v1.StartExecResponse;
import dev.hawse.api.runtime.v1.StopContainerRequest;
import dev.hawse.api.runtime.v1.StopContainerResponse;
import dev.hawse.api.runtime.v1.StreamLogsRequest;
import dev.hawse.api.runtime.v1.StreamLogsResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A server that knows one container, "web", and a few commands; and the program run against it. */
final class FakeHawse implements AutoCloseable {

    static final String ID = "0123456789abcdef".repeat(4);

    /** What one run of the program wrote, and what it exited with. */
    record Result(int code, String out, String err) {}

    final List<Object> requests = Collections.synchronizedList(new ArrayList<>());
    final List<StreamLogsResponse> logs = Collections.synchronizedList(new ArrayList<>());
    final List<Container> containers = Collections.synchronizedList(new ArrayList<>());

    private final Path directory;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Server server;

    FakeHawse() throws IOException {
        directory = Files.createTempDirectory("hawse-cli-test");
        containers.add(web().build());
        server = NettyServerBuilder.forAddress(
                        new DomainSocketAddress(directory.resolve("s").toFile()))
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .channelType(EpollServerDomainSocketChannel.class)
                .addService(new Containers())
                .addService(new Execs())
                .addService(new Images())
                .build()
                .start();
    }

    static Container.Builder web() {
        return Container.newBuilder()
                .setId(ID)
                .setName("web")
                .setImage("docker.io/library/busybox:latest")
                .setState(ContainerState.CONTAINER_STATE_RUNNING)
                .setCreatedAt(Timestamp.newBuilder().setSeconds(System.currentTimeMillis() / 1000 - 301))
                .setStartedAt(Timestamp.newBuilder().setSeconds(System.currentTimeMillis() / 1000 - 7201))
                .setSpec(ContainerSpec.newBuilder()
                        .setIo(ProcessIo.newBuilder().setStdin(true))
                        .setImage("busybox")
                        .addArgs("sleep")
                        .addArgs("1d"));
    }

    Result hawse(String... args) {
        return hawse(new byte[0], args);
    }

    Result hawse(byte[] stdin, String... args) {
        return hawse(new ByteArrayInputStream(stdin), args);
    }

    Result hawse(InputStream stdin, String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var console = new Console(stdin, out, err, false, false, false, Map.of("OWN", "mine"));
        var all = new ArrayList<>(List.of("--address", "unix:" + directory.resolve("s")));
        all.addAll(Arrays.asList(args));
        int code = new Cli(console).run(all.toArray(String[]::new));
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    <T> T request(Class<T> type) {
        return requests.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() throws IOException {
        server.shutdownNow();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        Files.deleteIfExists(directory.resolve("s"));
        Files.delete(directory);
    }

    private static <R> void answer(StreamObserver<R> out, R response) {
        out.onNext(response);
        out.onCompleted();
    }

    private final class Containers extends ContainerServiceGrpc.ContainerServiceImplBase {
        @Override
        public void createContainer(CreateContainerRequest request, StreamObserver<CreateContainerResponse> out) {
            requests.add(request);
            answer(out, CreateContainerResponse.newBuilder().setContainer(web()).build());
        }

        @Override
        public void getContainer(GetContainerRequest request, StreamObserver<GetContainerResponse> out) {
            if (request.getContainer().equals("web")) {
                answer(
                        out,
                        GetContainerResponse.newBuilder().setContainer(web()).build());
            } else {
                out.onError(notFound(request.getContainer()));
            }
        }

        @Override
        public void stopContainer(StopContainerRequest request, StreamObserver<StopContainerResponse> out) {
            requests.add(request);
            if (request.getContainer().equals("web")) {
                answer(
                        out,
                        StopContainerResponse.newBuilder().setContainer(web()).build());
            } else {
                out.onError(notFound(request.getContainer()));
            }
        }

        @Override
        public void startContainer(StartContainerRequest request, StreamObserver<StartContainerResponse> out) {
            requests.add(request);
            answer(out, StartContainerResponse.newBuilder().setContainer(web()).build());
        }

        /** Ends when its input does, at once when it has none. */
        @Override
        public StreamObserver<AttachContainerRequest> attachContainer(StreamObserver<AttachContainerResponse> out) {
            return new StreamObserver<>() {
                @Override
                public void onNext(AttachContainerRequest frame) {
                    requests.add(frame);
                    if (frame.hasStart()) {
                        out.onNext(AttachContainerResponse.newBuilder()
                                .setAttached(ContainerAttached.newBuilder().setContainerId(ID))
                                .build());
                    }
                    if (frame.hasStdinEof()
                            || (frame.hasStart() && !frame.getStart().getStdin())) {
                        answer(
                                out,
                                AttachContainerResponse.newBuilder()
                                        .setExited(ProcessExited.newBuilder()
                                                .setOutcome(
                                                        ExitOutcome.newBuilder().setCode(5)))
                                        .build());
                    }
                }

                @Override
                public void onError(Throwable t) {}

                @Override
                public void onCompleted() {}
            };
        }

        @Override
        public void listContainers(ListContainersRequest request, StreamObserver<ListContainersResponse> out) {
            requests.add(request);
            answer(
                    out,
                    ListContainersResponse.newBuilder()
                            .addAllContainers(containers)
                            .build());
        }

        @Override
        public void streamLogs(StreamLogsRequest request, StreamObserver<StreamLogsResponse> out) {
            requests.add(request);
            logs.forEach(out::onNext);
            out.onCompleted();
        }
    }

    private static RuntimeException notFound(String name) {
        return Status.NOT_FOUND.withDescription("no container " + name).asRuntimeException();
    }

    static StreamLogsResponse log(OutputStream stream, String text) {
        return StreamLogsResponse.newBuilder()
                .setStream(stream)
                .setTime(Timestamp.newBuilder().setSeconds(1).setNanos(5))
                .setData(ByteString.copyFrom(text, StandardCharsets.ISO_8859_1))
                .build();
    }

    private final class Images extends ImageServiceGrpc.ImageServiceImplBase {
        @Override
        public StreamObserver<LoadImagesRequest> loadImages(StreamObserver<LoadImagesResponse> out) {
            return new StreamObserver<>() {
                private long bytes;

                @Override
                public void onNext(LoadImagesRequest frame) {
                    bytes += frame.getData().size();
                }

                @Override
                public void onError(Throwable t) {}

                @Override
                public void onCompleted() {
                    out.onNext(LoadImagesResponse.newBuilder()
                            .setProgress(LoadProgress.newBuilder()
                                    .setPhase(LoadPhase.LOAD_PHASE_UNPACKING)
                                    .setImage("docker.io/library/busybox:latest")
                                    .setDone(1)
                                    .setTotal(2))
                            .build());
                    answer(
                            out,
                            LoadImagesResponse.newBuilder()
                                    .setLoaded(Image.newBuilder().setName("docker.io/library/busybox:" + bytes))
                                    .build());
                }
            };
        }

        @Override
        public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> out) {
            answer(
                    out,
                    ListImagesResponse.newBuilder()
                            .addImages(Image.newBuilder()
                                    .setName("docker.io/library/busybox:1.36")
                                    .setConfigDigest("sha256:" + ID)
                                    .setSizeBytes(4_261_550))
                            .addImages(Image.newBuilder()
                                    .setName("localhost:5000/a/b@sha256:" + ID)
                                    .setConfigDigest("sha256:f" + ID.substring(1)))
                            .build());
        }

        @Override
        public void saveImages(SaveImagesRequest request, StreamObserver<SaveImagesResponse> out) {
            out.onNext(SaveImagesResponse.newBuilder()
                    .setData(ByteString.copyFrom(new byte[] {0, -1, 10}))
                    .build());
            if (request.getImages(0).equals("broken")) {
                out.onError(Status.DATA_LOSS.withDescription("damaged").asRuntimeException());
            } else {
                out.onCompleted();
            }
        }
    }

    static Exec.Builder command() {
        return Exec.newBuilder()
                .setId(ID)
                .setContainerId(ID)
                .addArgs("sh")
                .addArgs("-c")
                .addArgs("\u001b[2J")
                .setState(ExecState.EXEC_STATE_RUNNING)
                .setPid(42)
                .setStdinOpen(true)
                .setViewers(1)
                .setCreatedAt(Timestamp.newBuilder().setSeconds(System.currentTimeMillis() / 1000 - 301))
                .setStartedAt(Timestamp.newBuilder().setSeconds(System.currentTimeMillis() / 1000 - 301))
                .setHead(OutputOffsets.newBuilder().setStdout(4))
                .setOnDisconnect(DisconnectPolicy.newBuilder().setDetach(DetachOnDisconnect.getDefaultInstance()));
    }

    private final class Execs extends ExecServiceGrpc.ExecServiceImplBase {
        @Override
        public StreamObserver<ExecRequest> exec(StreamObserver<ExecResponse> out) {
            return new Command(out);
        }

        @Override
        public void startExec(StartExecRequest request, StreamObserver<StartExecResponse> out) {
            requests.add(request);
            var exec = command();
            if (request.getStart().getArgs(0).equals("nope")) {
                exec.setState(ExecState.EXEC_STATE_EXITED)
                        .setExited(ProcessExited.newBuilder()
                                .setOutcome(ExitOutcome.newBuilder().setSpawnFailure(noSuchProgram())));
            }
            answer(out, StartExecResponse.newBuilder().setExec(exec).build());
        }

        @Override
        public void getExec(GetExecRequest request, StreamObserver<GetExecResponse> out) {
            if (request.getExecId().equals("gone")) {
                out.onError(Status.NOT_FOUND.withDescription("no command gone").asRuntimeException());
            } else {
                answer(out, GetExecResponse.newBuilder().setExec(command()).build());
            }
        }

        @Override
        public void listExecs(ListExecsRequest request, StreamObserver<ListExecsResponse> out) {
            requests.add(request);
            answer(out, ListExecsResponse.newBuilder().addExecs(command()).build());
        }

        @Override
        public void signalExec(SignalExecRequest request, StreamObserver<SignalExecResponse> out) {
            requests.add(request);
            answer(out, SignalExecResponse.getDefaultInstance());
        }

        @Override
        public StreamObserver<AttachExecRequest> attachExec(StreamObserver<AttachExecResponse> out) {
            return new Attachment(out);
        }
    }

    /** Wrote "old\n" before, echoes its input, and breaks the first connection that sends "cut". */
    private final class Attachment implements StreamObserver<AttachExecRequest> {
        private final StreamObserver<AttachExecResponse> out;
        private long offset;

        Attachment(StreamObserver<AttachExecResponse> out) {
            this.out = out;
        }

        @Override
        public void onNext(AttachExecRequest frame) {
            requests.add(frame);
            switch (frame.getFrameCase()) {
                case START -> {
                    offset = frame.getStart().getOffsets().getStdout();
                    out.onNext(AttachExecResponse.newBuilder()
                            .setAttached(ExecAttached.newBuilder()
                                    .setExec(command())
                                    .setFrom(OutputOffsets.newBuilder().setStdout(offset)))
                            .build());
                    if (offset == 0) {
                        write(ByteString.copyFromUtf8("old\n"));
                    }
                    if (!frame.getStart().getStdin()) {
                        exit();
                    }
                }
                case STDIN -> {
                    write(frame.getStdin());
                    if (frame.getStdin().toStringUtf8().equals("cut")) {
                        out.onError(Status.UNAVAILABLE.asRuntimeException());
                    }
                }
                case STDIN_EOF -> exit();
                case RESIZE, SIGNAL, FRAME_NOT_SET -> {}
            }
        }

        private void write(ByteString data) {
            out.onNext(AttachExecResponse.newBuilder()
                    .setStdout(OutputChunk.newBuilder().setOffset(offset).setData(data))
                    .build());
            offset += data.size();
        }

        private void exit() {
            answer(
                    out,
                    AttachExecResponse.newBuilder()
                            .setExited(ProcessExited.newBuilder()
                                    .setOutcome(ExitOutcome.newBuilder().setCode(6)))
                            .build());
        }

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onCompleted() {}
    }

    private static SpawnFailure noSuchProgram() {
        return SpawnFailure.newBuilder()
                .setKind(SpawnFailureKind.SPAWN_FAILURE_KIND_NOT_FOUND)
                .setMessage("exec nope: no such file or directory")
                .build();
    }

    /** echo, fail, cat, exit N, signal N, nope. */
    private final class Command implements StreamObserver<ExecRequest> {
        private final StreamObserver<ExecResponse> out;

        Command(StreamObserver<ExecResponse> out) {
            this.out = out;
        }

        @Override
        public void onNext(ExecRequest frame) {
            requests.add(frame);
            switch (frame.getFrameCase()) {
                case START -> start(frame.getStart().getArgsList());
                case STDIN -> out.onNext(stdout(frame.getStdin()));
                case STDIN_EOF -> exit(ExitOutcome.newBuilder().setCode(0));
                case RESIZE, SIGNAL, FRAME_NOT_SET -> {}
            }
        }

        private void start(List<String> args) {
            if (args.getFirst().equals("nope")) {
                exit(ExitOutcome.newBuilder().setSpawnFailure(noSuchProgram()));
                return;
            }
            out.onNext(ExecResponse.newBuilder()
                    .setStarted(ExecStarted.newBuilder().setExecId(ID).setContainerId(ID))
                    .build());
            switch (args.getFirst()) {
                case "echo" -> {
                    out.onNext(stdout(ByteString.copyFromUtf8(String.join(" ", args.subList(1, args.size())) + "\n")));
                    out.onNext(ExecResponse.newBuilder()
                            .setStderr(OutputChunk.newBuilder().setData(ByteString.copyFromUtf8("told\n")))
                            .build());
                    exit(ExitOutcome.newBuilder().setCode(0));
                }
                case "exit" -> exit(ExitOutcome.newBuilder().setCode(Integer.parseInt(args.get(1))));
                case "signal" -> exit(ExitOutcome.newBuilder().setSignal(Integer.parseInt(args.get(1))));
                case "fail" ->
                    out.onError(Status.UNAVAILABLE
                            .withDescription("shim\u001b[2J gone")
                            .asRuntimeException());
                default -> {}
            }
        }

        private static ExecResponse stdout(ByteString data) {
            return ExecResponse.newBuilder()
                    .setStdout(OutputChunk.newBuilder().setData(data))
                    .build();
        }

        private void exit(ExitOutcome.Builder outcome) {
            answer(
                    out,
                    ExecResponse.newBuilder()
                            .setExited(ProcessExited.newBuilder().setOutcome(outcome))
                            .build());
        }

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onCompleted() {}
    }
}
