package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.GetInfoRequest;
import dev.hawse.api.runtime.v1.GetInfoResponse;
import dev.hawse.api.runtime.v1.GetVersionRequest;
import dev.hawse.api.runtime.v1.GetVersionResponse;
import dev.hawse.api.runtime.v1.ListRuntimesRequest;
import dev.hawse.api.runtime.v1.ListRuntimesResponse;
import dev.hawse.api.runtime.v1.RuntimeServiceGrpc;
import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server, its host and its engines over gRPC; see {@code runtime.proto}. */
final class RuntimeService extends RuntimeServiceGrpc.RuntimeServiceImplBase {

    private static final Logger log = LoggerFactory.getLogger(RuntimeService.class);

    private final Runtimes runtimes;
    private final BuildInfo build;
    private final List<String> warnings;
    private final long startedNanos = System.nanoTime();

    RuntimeService(Runtimes runtimes, BuildInfo build, List<String> warnings) {
        this.runtimes = runtimes;
        this.build = build;
        this.warnings = List.copyOf(warnings);
    }

    @Override
    public void listRuntimes(ListRuntimesRequest request, StreamObserver<ListRuntimesResponse> responses) {
        Unary.reply(responses, () -> {
            try (var probes = Executors.newVirtualThreadPerTaskExecutor()) {
                var answers = runtimes.all().stream()
                        .map(runtime -> CompletableFuture.supplyAsync(runtime::probe, probes))
                        .toList();
                var out = ListRuntimesResponse.newBuilder();
                for (int i = 0; i < answers.size(); i++) {
                    out.addRuntimes(RuntimeMapper.runtime(answers.get(i).join(), i == 0));
                }
                return out.build();
            }
        });
    }

    @Override
    public void getInfo(GetInfoRequest request, StreamObserver<GetInfoResponse> responses) {
        Unary.reply(responses, () -> {
            var out = GetInfoResponse.newBuilder()
                    .addAllWarnings(warnings)
                    .setUptime(Times.duration(Duration.ofNanos(System.nanoTime() - startedNanos)));
            HostInfo.describe(out);
            for (var runtime : runtimes.all()) {
                count(runtime, out);
            }
            var caller = Caller.current();
            if (caller != null) {
                out.setCaller(dev.hawse.api.runtime.v1.Caller.newBuilder()
                        .setUid((int) caller.uid())
                        .setGid((int) caller.gid())
                        .setPid((int) caller.pid()));
            }
            return out.build();
        });
    }

    private static void count(ContainerRuntime runtime, GetInfoResponse.Builder out) {
        try {
            var containers = runtime.containers().list();
            var images = runtime.images().list().size();
            out.setContainers(out.getContainers() + containers.size())
                    .setContainersRunning(out.getContainersRunning()
                            + (int) containers.stream()
                                    .filter(c -> c.state() == ContainerState.RUNNING)
                                    .count())
                    .setContainersPaused(out.getContainersPaused()
                            + (int) containers.stream()
                                    .filter(c -> c.state() == ContainerState.PAUSED)
                                    .count())
                    .setImages(out.getImages() + images)
                    .setExecsRunning(out.getExecsRunning() + runtime.execs().running());
        } catch (RuntimeFailure e) {
            log.debug("{} is left out of the counts: {}", runtime.kind(), e.getMessage());
        }
    }

    @Override
    public void getVersion(GetVersionRequest request, StreamObserver<GetVersionResponse> responses) {
        Unary.reply(
                responses,
                () -> GetVersionResponse.newBuilder()
                        .setVersion(build.version())
                        .setApiVersion("v1")
                        .setCommit(build.commit())
                        .setJavaVersion(java.lang.Runtime.version().toString())
                        .setPlatform("linux/" + HostInfo.architecture())
                        .build());
    }
}
