package dev.hawse.client;

import static dev.hawse.client.FakeServer.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.CreateContainerRequest;
import dev.hawse.api.runtime.v1.CreateContainerResponse;
import dev.hawse.api.runtime.v1.ErrorReason;
import dev.hawse.api.runtime.v1.EventServiceGrpc;
import dev.hawse.api.runtime.v1.ExitOutcome;
import dev.hawse.api.runtime.v1.GetContainerRequest;
import dev.hawse.api.runtime.v1.GetContainerResponse;
import dev.hawse.api.runtime.v1.ListContainersRequest;
import dev.hawse.api.runtime.v1.ListContainersResponse;
import dev.hawse.api.runtime.v1.WatchEventsRequest;
import dev.hawse.api.runtime.v1.WatchEventsResponse;
import dev.hawse.api.runtime.v1.WatchStarted;
import dev.hawse.client.HawseException.Code;
import dev.hawse.client.HawseException.Reason;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ClientTest {

    private static dev.hawse.api.runtime.v1.Container.Builder wire(String name) {
        return dev.hawse.api.runtime.v1.Container.newBuilder()
                .setId("a".repeat(64))
                .setName(name);
    }

    @Test
    void listAsksForPageAfterPageOnlyAsItIsRead() throws Exception {
        var asked = Collections.synchronizedList(new ArrayList<String>());
        var service = new ContainerServiceGrpc.ContainerServiceImplBase() {
            @Override
            public void listContainers(ListContainersRequest request, StreamObserver<ListContainersResponse> out) {
                asked.add(request.getPageToken());
                int page = request.getPageToken().isEmpty() ? 0 : Integer.parseInt(request.getPageToken());
                var response = ListContainersResponse.newBuilder().setNextPageToken(page == 3 ? "" : "" + (page + 1));
                if (page != 1) {
                    response.addContainers(wire("p" + page + "a")).addContainers(wire("p" + page + "b"));
                }
                out.onNext(response.build());
                out.onCompleted();
            }
        };
        with(service, client -> {
            var first = client.containers().list(ContainerFilter.ALL).iterator();
            assertThat(first.next().name()).isEqualTo("p0a");
            assertThat(asked).containsExactly("");
            assertThat(client.containers().stream(ContainerFilter.ALL).map(Container::name))
                    .containsExactly("p0a", "p0b", "p2a", "p2b", "p3a", "p3b");
            assertThat(asked).containsExactly("", "", "1", "2", "3");
        });
    }

    @Test
    void containerIsMappedWhole() throws Exception {
        var spec = ContainerSpec.builder("busybox", "sleep", "9")
                .runtime(RuntimeKind.CONTAINERD)
                .name("web")
                .entrypoint()
                .env("A", "1")
                .workingDir("/w")
                .user("1:1")
                .stdin()
                .terminal(new TerminalSize(10, 20))
                .hostname("h")
                .readOnlyRoot()
                .memoryBytes(1 << 30)
                .memorySwapBytes(2L << 30)
                .cpuMillis(1500)
                .cpuShares(512)
                .cpusetCpus("0-1")
                .pidsLimit(50)
                .mount(Mount.bindReadOnly("/a", "/b"))
                .mount(new Mount.Tmpfs("/t", 4096L, 0700))
                .capAdd("NET_ADMIN")
                .capDrop("ALL")
                .noNewPrivileges()
                .seccomp(SeccompProfile.UNCONFINED)
                .rlimit(new Rlimit("nofile", 10, Rlimit.UNLIMITED))
                .label("l", "v")
                .ociRuntime("crun")
                .network(NetworkMode.HOST)
                .stopSignal("INT")
                .stopGrace(java.time.Duration.ofSeconds(3))
                .build();
        var service = new ContainerServiceGrpc.ContainerServiceImplBase() {
            @Override
            public void createContainer(CreateContainerRequest request, StreamObserver<CreateContainerResponse> out) {
                out.onNext(CreateContainerResponse.newBuilder()
                        .setContainer(wire("web")
                                .setRuntime(request.getRuntime())
                                .setState(dev.hawse.api.runtime.v1.ContainerState.CONTAINER_STATE_EXITED)
                                .setExit(ExitOutcome.newBuilder().setSignal(9))
                                .setCreatedAt(Timestamp.newBuilder().setSeconds(5))
                                .setSpec(request.getSpec()))
                        .addWarnings("a label was left out")
                        .build());
                out.onCompleted();
            }
        };
        with(service, client -> {
            var created = client.containers().create(spec);
            assertThat(created.container().spec()).isEqualTo(spec);
            assertThat(created.warnings()).containsExactly("a label was left out");
            assertThat(created.container().state()).isEqualTo(ContainerState.EXITED);
            assertThat(created.container().exit()).isEqualTo(new ExitStatus.Signal(9));
            assertThat(created.container().createdAt()).isEqualTo(java.time.Instant.ofEpochSecond(5));
            assertThat(created.container().startedAt()).isNull();
            assertThat(created.container().shortId()).isEqualTo("a".repeat(12));
        });
    }

    @Test
    void everyReasonOfTheServerIsKnownByName() {
        assertThat(Stream.of(HawseException.Reason.values()).map(reason -> "ERROR_REASON_" + reason))
                .containsExactlyInAnyOrderElementsOf(Stream.of(ErrorReason.values())
                        .filter(reason -> reason != ErrorReason.UNRECOGNIZED)
                        .map(Enum::name)
                        .toList());
    }

    @Test
    void failureCarriesAllThatTheServerSaid() throws Exception {
        var service = new ContainerServiceGrpc.ContainerServiceImplBase() {
            @Override
            public void getContainer(GetContainerRequest request, StreamObserver<GetContainerResponse> out) {
                out.onError(StatusProto.toStatusRuntimeException(com.google.rpc.Status.newBuilder()
                        .setCode(Status.Code.INVALID_ARGUMENT.value())
                        .setMessage("container: is empty, allowed is an id, a prefix or a name")
                        .addDetails(Any.pack(ErrorInfo.newBuilder()
                                .setDomain("hawse.dev")
                                .setReason("INVALID_FIELD")
                                .putMetadata("container", "")
                                .build()))
                        .addDetails(Any.pack(BadRequest.newBuilder()
                                .addFieldViolations(BadRequest.FieldViolation.newBuilder()
                                        .setField("container")
                                        .setDescription("is empty"))
                                .build()))
                        .addDetails(Any.pack(RetryInfo.newBuilder()
                                .setRetryDelay(Duration.newBuilder().setSeconds(2))
                                .build()))
                        .build()));
            }
        };
        with(
                service,
                client -> assertThatThrownBy(() -> client.containers().get(""))
                        .isInstanceOfSatisfying(HawseException.class, e -> {
                            assertThat(e.code()).isEqualTo(Code.INVALID_ARGUMENT);
                            assertThat(e.reason()).isEqualTo(Reason.INVALID_FIELD);
                            assertThat(e.metadata()).isEqualTo(Map.of("container", ""));
                            assertThat(e.violations()).containsExactly(new FieldViolation("container", "is empty"));
                            assertThat(e.retryAfter()).contains(java.time.Duration.ofSeconds(2));
                        })
                        .hasMessage("container: is empty, allowed is an id, a prefix or a name"));
    }

    @Test
    void serverThatDoesNotAnswerIsGivenUpInTime() throws Exception {
        var service = new ContainerServiceGrpc.ContainerServiceImplBase() {
            @Override
            public void getContainer(GetContainerRequest request, StreamObserver<GetContainerResponse> out) {}
        };
        try (var server = new FakeServer(service);
                var client = HawseClient.builder()
                        .address(server.address())
                        .deadline(java.time.Duration.ofMillis(100))
                        .build()) {
            assertThatThrownBy(() -> client.containers().get("x"))
                    .isInstanceOfSatisfying(
                            HawseException.class, e -> assertThat(e.code()).isEqualTo(Code.TIMEOUT))
                    .hasMessageContaining("the time limit passed before unix:");
        }
    }

    @Test
    void serverThatIsNotThereIsNamed() {
        try (var client = HawseClient.create("unix:/nowhere/hawse.sock")) {
            assertThatThrownBy(() -> client.runtimes().version())
                    .isInstanceOfSatisfying(
                            HawseException.class, e -> assertThat(e.code()).isEqualTo(Code.UNAVAILABLE))
                    .hasMessage("cannot connect to unix:/nowhere/hawse.sock: is hawsed running?"
                            + " (no such file or directory)");
        }
        try (var client = HawseClient.create("127.0.0.1:1")) {
            assertThatThrownBy(() -> client.exec("x", ExecSpec.of("true")))
                    .hasMessage("cannot connect to tcp:127.0.0.1:1: is hawsed running? (connection refused)");
        }
    }

    @Test
    void addressesThatAreNotUnderstoodAreRefused() {
        for (var address : List.of("", "hawse", "unix:relative", "tcp:localhost", "localhost:0", "localhost:x")) {
            assertThatThrownBy(() -> HawseClient.create(address))
                    .isInstanceOf(HawseException.class)
                    .hasMessageContaining("got " + address);
        }
        assertThatThrownBy(() -> HawseClient.create("example.com:80")).hasMessageContaining("without encryption");
        HawseClient.create("tcp:[::1]:80").close();
        HawseClient.create("unix:///run/hawse.sock").close();
    }

    @Test
    void watchReturnsWhenItIsSubscribed() throws Exception {
        var service = new EventServiceGrpc.EventServiceImplBase() {
            @Override
            public void watchEvents(WatchEventsRequest request, StreamObserver<WatchEventsResponse> out) {
                out.onNext(WatchEventsResponse.newBuilder()
                        .setStarted(WatchStarted.newBuilder().setNextSequence(7))
                        .build());
                out.onNext(WatchEventsResponse.newBuilder()
                        .setEvent(dev.hawse.api.runtime.v1.Event.newBuilder()
                                .setSequence(request.getFromSequence())
                                .setType(dev.hawse.api.runtime.v1.EventType.EVENT_TYPE_CONTAINER_EXITED)
                                .setContainerId("c")
                                .setExit(ExitOutcome.newBuilder().setCode(2)))
                        .build());
                out.onError(Status.ABORTED.withDescription("too slow").asRuntimeException());
            }
        };
        with(service, client -> {
            try (var events = client.events().watch(9, EventFilter.types(EventType.CONTAINER_EXITED))) {
                assertThat(events.nextSequence()).isEqualTo(7);
                var event = events.next();
                assertThat(event.sequence()).isEqualTo(9);
                assertThat(event.type()).isEqualTo(EventType.CONTAINER_EXITED);
                assertThat(event.exit()).isEqualTo(new ExitStatus.Code(2));
                assertThatThrownBy(events::hasNext)
                        .isInstanceOfSatisfying(
                                HawseException.class, e -> assertThat(e.code()).isEqualTo(Code.ABORTED));
            }
        });
    }
}
