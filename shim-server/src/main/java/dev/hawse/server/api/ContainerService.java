package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.AttachContainerRequest;
import dev.hawse.api.runtime.v1.AttachContainerResponse;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.CreateContainerRequest;
import dev.hawse.api.runtime.v1.CreateContainerResponse;
import dev.hawse.api.runtime.v1.GetContainerRequest;
import dev.hawse.api.runtime.v1.GetContainerResponse;
import dev.hawse.api.runtime.v1.KillContainerRequest;
import dev.hawse.api.runtime.v1.KillContainerResponse;
import dev.hawse.api.runtime.v1.ListContainersRequest;
import dev.hawse.api.runtime.v1.ListContainersResponse;
import dev.hawse.api.runtime.v1.ListProcessesRequest;
import dev.hawse.api.runtime.v1.ListProcessesResponse;
import dev.hawse.api.runtime.v1.PauseContainerRequest;
import dev.hawse.api.runtime.v1.PauseContainerResponse;
import dev.hawse.api.runtime.v1.RemoveContainerRequest;
import dev.hawse.api.runtime.v1.RemoveContainerResponse;
import dev.hawse.api.runtime.v1.RenameContainerRequest;
import dev.hawse.api.runtime.v1.RenameContainerResponse;
import dev.hawse.api.runtime.v1.RestartContainerRequest;
import dev.hawse.api.runtime.v1.RestartContainerResponse;
import dev.hawse.api.runtime.v1.ResumeContainerRequest;
import dev.hawse.api.runtime.v1.ResumeContainerResponse;
import dev.hawse.api.runtime.v1.RunContainerRequest;
import dev.hawse.api.runtime.v1.RunContainerResponse;
import dev.hawse.api.runtime.v1.StartContainerRequest;
import dev.hawse.api.runtime.v1.StartContainerResponse;
import dev.hawse.api.runtime.v1.StopContainerRequest;
import dev.hawse.api.runtime.v1.StopContainerResponse;
import dev.hawse.api.runtime.v1.StreamLogsRequest;
import dev.hawse.api.runtime.v1.StreamLogsResponse;
import dev.hawse.api.runtime.v1.WaitContainerRequest;
import dev.hawse.api.runtime.v1.WaitContainerResponse;
import dev.hawse.runtime.Container;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerOperations;
import dev.hawse.runtime.ContainerSpecRules;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Containers over gRPC; see {@code container.proto}. */
final class ContainerService extends ContainerServiceGrpc.ContainerServiceImplBase {

    /** Newest first; ids tell apart what was made in the same instant. */
    private static final Pages<dev.hawse.api.runtime.v1.Container> PAGES = new Pages<>(
            c -> String.format(
                    "%019d.%09d.%s",
                    c.getCreatedAt().getSeconds(), c.getCreatedAt().getNanos(), c.getId()),
            Comparator.reverseOrder());

    private final Runtimes runtimes;
    private final Executor workers;

    ContainerService(Runtimes runtimes, Executor workers) {
        this.runtimes = runtimes;
        this.workers = workers;
    }

    @Override
    public void createContainer(CreateContainerRequest request, StreamObserver<CreateContainerResponse> responses) {
        Unary.reply(responses, () -> {
            var runtime = runtimes.choose(request.getRuntime());
            if (!request.hasSpec()) {
                throw RuntimeFailure.invalid("spec", "is required");
            }
            return ContainerMapper.created(runtime.containers().create(SpecMapper.spec(request.getSpec())));
        });
    }

    @Override
    public void startContainer(StartContainerRequest request, StreamObserver<StartContainerResponse> responses) {
        Unary.reply(
                responses,
                () -> StartContainerResponse.newBuilder()
                        .setContainer(change(request.getContainer(), ContainerOperations::start))
                        .build());
    }

    @Override
    public void stopContainer(StopContainerRequest request, StreamObserver<StopContainerResponse> responses) {
        Unary.reply(responses, () -> {
            var grace = grace(request.hasGrace() ? request.getGrace() : null);
            var signal = ProcessMapper.signal("signal", request.getSignal());
            return ContainerMapper.stopped(on(request.getContainer(), (ops, id) -> ops.stop(id, grace, signal)));
        });
    }

    @Override
    public void killContainer(KillContainerRequest request, StreamObserver<KillContainerResponse> responses) {
        Unary.reply(responses, () -> {
            var signal = Objects.requireNonNullElse(ProcessMapper.signal("signal", request.getSignal()), Signal.KILL);
            return on(request.getContainer(), (ops, id) -> {
                ops.kill(id, signal, request.getAll());
                return KillContainerResponse.getDefaultInstance();
            });
        });
    }

    @Override
    public void restartContainer(RestartContainerRequest request, StreamObserver<RestartContainerResponse> responses) {
        Unary.reply(responses, () -> {
            var grace = grace(request.hasGrace() ? request.getGrace() : null);
            var signal = ProcessMapper.signal("signal", request.getSignal());
            return RestartContainerResponse.newBuilder()
                    .setContainer(change(request.getContainer(), (ops, id) -> ops.restart(id, grace, signal)))
                    .build();
        });
    }

    @Override
    public void pauseContainer(PauseContainerRequest request, StreamObserver<PauseContainerResponse> responses) {
        Unary.reply(
                responses,
                () -> PauseContainerResponse.newBuilder()
                        .setContainer(change(request.getContainer(), ContainerOperations::pause))
                        .build());
    }

    @Override
    public void resumeContainer(ResumeContainerRequest request, StreamObserver<ResumeContainerResponse> responses) {
        Unary.reply(
                responses,
                () -> ResumeContainerResponse.newBuilder()
                        .setContainer(change(request.getContainer(), ContainerOperations::resume))
                        .build());
    }

    @Override
    public void removeContainer(RemoveContainerRequest request, StreamObserver<RemoveContainerResponse> responses) {
        Unary.reply(
                responses,
                () -> on(request.getContainer(), (ops, id) -> {
                    ops.remove(id, request.getForce());
                    return RemoveContainerResponse.newBuilder()
                            .setId(id.value())
                            .build();
                }));
    }

    @Override
    public void renameContainer(RenameContainerRequest request, StreamObserver<RenameContainerResponse> responses) {
        Unary.reply(responses, () -> {
            var name = ContainerSpecRules.checkName(request.getName());
            return RenameContainerResponse.newBuilder()
                    .setContainer(change(request.getContainer(), (ops, id) -> ops.rename(id, name)))
                    .build();
        });
    }

    @Override
    public void getContainer(GetContainerRequest request, StreamObserver<GetContainerResponse> responses) {
        Unary.reply(
                responses,
                () -> GetContainerResponse.newBuilder()
                        .setContainer(ContainerMapper.container(
                                runtimes.find(request.getContainer()).container()))
                        .build());
    }

    @Override
    public void listContainers(ListContainersRequest request, StreamObserver<ListContainersResponse> responses) {
        Unary.reply(responses, () -> {
            var filter = request.getFilter();
            var wanted = Filters.containers(filter);
            var found = Filters.runtimes(runtimes.all(), filter.getRuntimesList()).stream()
                    .flatMap(runtime -> runtime.containers().list().stream())
                    .filter(wanted)
                    .map(ContainerMapper::container);
            var page = PAGES.page(found, filter, request.getPageSize(), request.getPageToken());
            return ListContainersResponse.newBuilder()
                    .addAllContainers(page.items())
                    .setNextPageToken(page.next())
                    .build();
        });
    }

    @Override
    public void waitContainer(WaitContainerRequest request, StreamObserver<WaitContainerResponse> responses) {
        Unary.<@Nullable ProcessExit, WaitContainerResponse>replyWhen(
                responses,
                () -> {
                    var condition = ContainerMapper.condition(request.getCondition());
                    return on(request.getContainer(), (ops, id) -> ops.await(id, condition));
                },
                ContainerMapper::waited);
    }

    @Override
    public void listProcesses(ListProcessesRequest request, StreamObserver<ListProcessesResponse> responses) {
        Unary.reply(responses, () -> {
            var processes = on(request.getContainer(), ContainerOperations::processes);
            return ListProcessesResponse.newBuilder()
                    .addAllProcesses(
                            processes.stream().map(ContainerMapper::process).toList())
                    .build();
        });
    }

    @Override
    public StreamObserver<RunContainerRequest> runContainer(StreamObserver<RunContainerResponse> responses) {
        return new RunCall(runtimes, responses, workers).begin();
    }

    @Override
    public StreamObserver<AttachContainerRequest> attachContainer(StreamObserver<AttachContainerResponse> responses) {
        return new AttachCall(runtimes, responses, workers).begin();
    }

    @Override
    public void streamLogs(StreamLogsRequest request, StreamObserver<StreamLogsResponse> responses) {
        LogsCall.begin(runtimes, request, responses);
    }

    private dev.hawse.api.runtime.v1.Container change(
            String container, BiFunction<ContainerOperations, ContainerId, Container> change) {
        return ContainerMapper.container(on(container, change));
    }

    private <T> T on(String container, BiFunction<ContainerOperations, ContainerId, T> call) {
        var located = runtimes.find(container);
        return call.apply(located.runtime().containers(), located.container().id());
    }

    private static @Nullable Duration grace(com.google.protobuf.@Nullable Duration grace) {
        return ContainerSpecRules.checkGrace(grace == null ? null : Times.duration("grace", grace));
    }
}
