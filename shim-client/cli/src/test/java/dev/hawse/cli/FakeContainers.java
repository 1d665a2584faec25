package dev.hawse.cli;

import com.google.protobuf.Timestamp;
import dev.hawse.api.runtime.v1.AttachContainerRequest;
import dev.hawse.api.runtime.v1.AttachContainerResponse;
import dev.hawse.api.runtime.v1.Container;
import dev.hawse.api.runtime.v1.ContainerAttached;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.ContainerSpec;
import dev.hawse.api.runtime.v1.ContainerState;
import dev.hawse.api.runtime.v1.CreateContainerRequest;
import dev.hawse.api.runtime.v1.CreateContainerResponse;
import dev.hawse.api.runtime.v1.ExitOutcome;
import dev.hawse.api.runtime.v1.GetContainerRequest;
import dev.hawse.api.runtime.v1.GetContainerResponse;
import dev.hawse.api.runtime.v1.ListContainersRequest;
import dev.hawse.api.runtime.v1.ListContainersResponse;
import dev.hawse.api.runtime.v1.ProcessExited;
import dev.hawse.api.runtime.v1.ProcessIo;
import dev.hawse.api.runtime.v1.StartContainerRequest;
import dev.hawse.api.runtime.v1.StartContainerResponse;
import dev.hawse.api.runtime.v1.StopContainerRequest;
import dev.hawse.api.runtime.v1.StopContainerResponse;
import dev.hawse.api.runtime.v1.StreamLogsRequest;
import dev.hawse.api.runtime.v1.StreamLogsResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Knows one container, "web". */
final class FakeContainers extends ContainerServiceGrpc.ContainerServiceImplBase {

    final List<StreamLogsResponse> logs = Collections.synchronizedList(new ArrayList<>());
    final List<Container> listed = Collections.synchronizedList(new ArrayList<>(List.of(web().build())));
    private final List<Object> requests;

    FakeContainers(List<Object> requests) {
        this.requests = requests;
    }

    static Container.Builder web() {
        return Container.newBuilder()
                .setId(FakeHawse.ID)
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

    @Override
    public void createContainer(CreateContainerRequest request, StreamObserver<CreateContainerResponse> out) {
        requests.add(request);
        FakeHawse.answer(
                out, CreateContainerResponse.newBuilder().setContainer(web()).build());
    }

    @Override
    public void getContainer(GetContainerRequest request, StreamObserver<GetContainerResponse> out) {
        if (request.getContainer().equals("web")) {
            FakeHawse.answer(
                    out, GetContainerResponse.newBuilder().setContainer(web()).build());
        } else {
            out.onError(notFound(request.getContainer()));
        }
    }

    @Override
    public void stopContainer(StopContainerRequest request, StreamObserver<StopContainerResponse> out) {
        requests.add(request);
        if (request.getContainer().equals("web")) {
            FakeHawse.answer(
                    out, StopContainerResponse.newBuilder().setContainer(web()).build());
        } else {
            out.onError(notFound(request.getContainer()));
        }
    }

    @Override
    public void startContainer(StartContainerRequest request, StreamObserver<StartContainerResponse> out) {
        requests.add(request);
        FakeHawse.answer(
                out, StartContainerResponse.newBuilder().setContainer(web()).build());
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
                            .setAttached(ContainerAttached.newBuilder().setContainerId(FakeHawse.ID))
                            .build());
                }
                if (frame.hasStdinEof()
                        || (frame.hasStart() && !frame.getStart().getStdin())) {
                    FakeHawse.answer(
                            out,
                            AttachContainerResponse.newBuilder()
                                    .setExited(ProcessExited.newBuilder()
                                            .setOutcome(ExitOutcome.newBuilder().setCode(5)))
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
        FakeHawse.answer(
                out,
                ListContainersResponse.newBuilder().addAllContainers(listed).build());
    }

    @Override
    public void streamLogs(StreamLogsRequest request, StreamObserver<StreamLogsResponse> out) {
        requests.add(request);
        logs.forEach(out::onNext);
        out.onCompleted();
    }

    private static RuntimeException notFound(String name) {
        return Status.NOT_FOUND.withDescription("no container " + name).asRuntimeException();
    }
}
