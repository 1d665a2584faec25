package dev.hawse.server.api;

import static dev.hawse.server.api.ApiFixture.fails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.api.runtime.v1.Container;
import dev.hawse.api.runtime.v1.ContainerFilter;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.ContainerState;
import dev.hawse.api.runtime.v1.CreateContainerRequest;
import dev.hawse.api.runtime.v1.GetContainerRequest;
import dev.hawse.api.runtime.v1.KillContainerRequest;
import dev.hawse.api.runtime.v1.ListContainersRequest;
import dev.hawse.api.runtime.v1.ListProcessesRequest;
import dev.hawse.api.runtime.v1.PauseContainerRequest;
import dev.hawse.api.runtime.v1.RemoveContainerRequest;
import dev.hawse.api.runtime.v1.RenameContainerRequest;
import dev.hawse.api.runtime.v1.RestartContainerRequest;
import dev.hawse.api.runtime.v1.ResumeContainerRequest;
import dev.hawse.api.runtime.v1.RuntimeKind;
import dev.hawse.api.runtime.v1.StopContainerRequest;
import dev.hawse.api.runtime.v1.WaitCondition;
import dev.hawse.api.runtime.v1.WaitContainerRequest;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.testing.FakeRuntime;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ContainerServiceTest {

    private final FakeRuntime runtime = new FakeRuntime();
    private ApiFixture api;

    @BeforeEach
    void open() throws IOException {
        api = new ApiFixture(runtime);
    }

    @AfterEach
    void close() {
        api.close();
    }

    private Container get(String container) {
        return api.containers()
                .getContainer(
                        GetContainerRequest.newBuilder().setContainer(container).build())
                .getContainer();
    }

    @Test
    void aContainerLivesItsLife() {
        var id = api.create("box", "hold");
        assertThat(get(id).getState()).isEqualTo(ContainerState.CONTAINER_STATE_CREATED);

        var started = api.containers()
                .startContainer(dev.hawse.api.runtime.v1.StartContainerRequest.newBuilder()
                        .setContainer("box")
                        .build());
        assertThat(started.getContainer().getState()).isEqualTo(ContainerState.CONTAINER_STATE_RUNNING);
        var processes = api.containers()
                .listProcesses(
                        ListProcessesRequest.newBuilder().setContainer("box").build());
        assertThat(processes.getProcesses(0).getPid()).isEqualTo(get(id).getPid());

        var paused = api.containers()
                .pauseContainer(
                        PauseContainerRequest.newBuilder().setContainer(id).build());
        assertThat(paused.getContainer().getState()).isEqualTo(ContainerState.CONTAINER_STATE_PAUSED);
        var resumed = api.containers()
                .resumeContainer(
                        ResumeContainerRequest.newBuilder().setContainer(id).build());
        assertThat(resumed.getContainer().getState()).isEqualTo(ContainerState.CONTAINER_STATE_RUNNING);

        var restarted = api.containers()
                .restartContainer(
                        RestartContainerRequest.newBuilder().setContainer(id).build());
        assertThat(restarted.getContainer().getPid())
                .isNotEqualTo(started.getContainer().getPid());

        var stopped = api.containers()
                .stopContainer(
                        StopContainerRequest.newBuilder().setContainer(id).build());
        assertThat(stopped.getContainer().getExit().getSignal()).isEqualTo(15);
        assertThat(stopped.getKilled()).isFalse();

        var renamed = api.containers()
                .renameContainer(RenameContainerRequest.newBuilder()
                        .setContainer(id)
                        .setName("crate")
                        .build());
        assertThat(renamed.getContainer().getName()).isEqualTo("crate");

        var removed = api.containers()
                .removeContainer(RemoveContainerRequest.newBuilder()
                        .setContainer("crate")
                        .build());
        assertThat(removed.getId()).isEqualTo(id);
        fails(Reason.CONTAINER_NOT_FOUND, () -> get(id));
    }

    @Test
    void killSendsKillUnlessToldOtherwise() {
        var id = api.run("box");
        api.containers()
                .killContainer(KillContainerRequest.newBuilder()
                        .setContainer(id)
                        .setSignal("WINCH")
                        .build());
        api.containers()
                .killContainer(
                        KillContainerRequest.newBuilder().setContainer(id).build());

        assertThat(runtime.mainProcess(new ContainerId(id)).signals())
                .containsExactly(Signal.parse("WINCH"), Signal.KILL);
    }

    @Test
    void anIdPrefixIsEnough() {
        var id = api.create("box", "hold");

        assertThat(get(id.substring(0, 20)).getName()).isEqualTo("box");
    }

    @Test
    void whatIsWrongIsToldWithItsReason() {
        api.create("box", "hold");

        fails(Reason.NAME_IN_USE, () -> api.create("box", "hold"));
        fails(Reason.INVALID_FIELD, () -> api.create("-bad-", "hold"));
        fails(Reason.INVALID_FIELD, () -> get(""));
        fails(
                Reason.INVALID_FIELD,
                () -> api.containers().createContainer(CreateContainerRequest.getDefaultInstance()));
        fails(
                Reason.RUNTIME_NOT_CONFIGURED,
                () -> api.containers()
                        .createContainer(CreateContainerRequest.newBuilder()
                                .setRuntime(RuntimeKind.RUNTIME_KIND_DOCKER)
                                .build()));
        fails(
                Reason.CONTAINER_STATE,
                () -> api.containers()
                        .killContainer(KillContainerRequest.newBuilder()
                                .setContainer("box")
                                .build()));
        fails(
                Reason.INVALID_FIELD,
                () -> api.containers()
                        .stopContainer(StopContainerRequest.newBuilder()
                                .setContainer("box")
                                .setSignal("NOPE")
                                .build()));
        fails(
                Reason.INVALID_FIELD,
                () -> api.containers()
                        .renameContainer(RenameContainerRequest.newBuilder()
                                .setContainer("box")
                                .build()));
        runtime.failWith(RuntimeFailure.of(Reason.RUNTIME_UNAVAILABLE, "it is off"));
        fails(Reason.RUNTIME_UNAVAILABLE, () -> get("box"));
    }

    @Test
    void pagesHoldEverythingOnceAlsoWhenTheListChanges() {
        for (int i = 0; i < 7; i++) {
            api.create("box-" + i, "hold");
        }
        var names = new ArrayList<String>();
        var token = "";
        do {
            var page = api.containers()
                    .listContainers(ListContainersRequest.newBuilder()
                            .setPageSize(3)
                            .setPageToken(token)
                            .build());
            page.getContainersList().forEach(c -> names.add(c.getName()));
            token = page.getNextPageToken();
            if (names.size() == 3) {
                api.create("late", "hold");
                api.containers()
                        .removeContainer(RemoveContainerRequest.newBuilder()
                                .setContainer(names.getLast())
                                .build());
            }
        } while (!token.isEmpty());

        assertThat(names).containsExactly("box-6", "box-5", "box-4", "box-3", "box-2", "box-1", "box-0");
    }

    @Test
    void aPageTokenIsForOneFilterAlone() {
        api.create("box-1", "hold");
        api.create("box-2", "hold");
        var token = api.containers()
                .listContainers(
                        ListContainersRequest.newBuilder().setPageSize(1).build())
                .getNextPageToken();

        var other = ListContainersRequest.newBuilder().setPageToken(token);
        other.getFilterBuilder().setNameContains("b");
        fails(Reason.INVALID_FIELD, () -> api.containers().listContainers(other.build()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
    void whatIsNoPageTokenIsRefused(String token) {
        fails(
                Reason.INVALID_FIELD,
                () -> api.containers()
                        .listContainers(ListContainersRequest.newBuilder()
                                .setPageToken(token)
                                .build()));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1001})
    void pagesHaveAtMostAThousandItems(int size) {
        fails(
                Reason.INVALID_FIELD,
                () -> api.containers()
                        .listContainers(ListContainersRequest.newBuilder()
                                .setPageSize(size)
                                .build()));
    }

    @Test
    void filtersLetThroughWhatMeetsAllOfThem() {
        var running = api.run("alpha");
        var request = CreateContainerRequest.newBuilder();
        request.getSpecBuilder().setImage("busybox").setName("beta").putLabels("app", "web");
        api.containers().createContainer(request.build());

        assertThat(list(f -> f.addStates(ContainerState.CONTAINER_STATE_RUNNING)))
                .containsExactly("alpha");
        assertThat(list(f -> f.setNameContains("et"))).containsExactly("beta");
        assertThat(list(f -> f.putLabels("app", ""))).containsExactly("beta");
        assertThat(list(f -> f.putLabels("app", "db"))).isEmpty();
        assertThat(list(f -> f.addContainers(running.substring(0, 10)).addContainers("beta")))
                .containsExactly("beta", "alpha");
        assertThat(list(f -> f.addImages("busybox"))).hasSize(2);
        assertThat(list(f -> f.addImages("debian"))).isEmpty();
        assertThat(list(f -> f.addImages(get("beta").getImageDigest()))).hasSize(2);
        assertThat(list(f -> f.addRuntimes(RuntimeKind.RUNTIME_KIND_DOCKER))).isEmpty();
        fails(Reason.INVALID_FIELD, () -> list(f -> f.addStatesValue(77)));
        fails(Reason.INVALID_FIELD, () -> list(f -> f.addContainers("")));
        fails(Reason.INVALID_FIELD, () -> list(f -> f.addRuntimesValue(0)));
        fails(Reason.INVALID_FIELD, () -> list(f -> f.addImages("UPPER")));
    }

    private List<String> list(java.util.function.Consumer<ContainerFilter.Builder> filter) {
        var request = ListContainersRequest.newBuilder();
        filter.accept(request.getFilterBuilder());
        return api.containers().listContainers(request.build()).getContainersList().stream()
                .map(Container::getName)
                .toList();
    }

    @Test
    void waitAnswersWhenTheProcessEnds() throws Exception {
        var id = api.run("box");
        var waiting = ContainerServiceGrpc.newFutureStub(api.channel)
                .waitContainer(
                        WaitContainerRequest.newBuilder().setContainer(id).build());

        api.containers()
                .killContainer(
                        KillContainerRequest.newBuilder().setContainer(id).build());

        assertThat(waiting.get(10, TimeUnit.SECONDS).getExited().getOutcome().getSignal())
                .isEqualTo(9);
    }

    @Test
    void waitForAContainerThatNeverRanAnswersWithoutAnEnd() {
        var id = api.create("box", "hold");

        assertThat(api.containers()
                        .waitContainer(WaitContainerRequest.newBuilder()
                                .setContainer(id)
                                .build())
                        .hasExited())
                .isFalse();
    }

    @Test
    void aWaitThatIsCancelledIsForgotten() {
        var id = api.run("box");
        var waiting = ContainerServiceGrpc.newFutureStub(api.channel)
                .waitContainer(WaitContainerRequest.newBuilder()
                        .setContainer(id)
                        .setCondition(WaitCondition.WAIT_CONDITION_REMOVED)
                        .build());
        await().until(() -> api.openCalls.count() == 1);

        waiting.cancel(true);

        await().until(() -> api.openCalls.count() == 0);
    }
}
