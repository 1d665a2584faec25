package dev.hawse.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.containerd.api.services.containers.v1.DeleteContainerRequest;
import dev.hawse.containerd.api.services.tasks.v1.DeleteTaskRequest;
import dev.hawse.containerd.api.services.tasks.v1.KillRequest;
import dev.hawse.containerd.api.services.tasks.v1.PauseTaskRequest;
import dev.hawse.containerd.api.services.tasks.v1.ResumeTaskRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.ContainerRuntimeContract;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.WaitCondition;
import dev.hawse.testing.Recorder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What others do to our containers, straight on containerd. */
final class ContainerdOutsideIT extends ContainerRuntimeContract {

    @RegisterExtension
    static final ContainerdEngine ENGINE = new ContainerdEngine();

    @Override
    protected ContainerRuntime runtime() {
        return ENGINE.runtime();
    }

    private static ContainerdClient client() {
        return ENGINE.containerd().client();
    }

    private static void killTask(ContainerId id) {
        client().tasks(ContainerdClient.QUICK)
                .kill(KillRequest.newBuilder()
                        .setContainerId(id.value())
                        .setSignal(9)
                        .setAll(true)
                        .build());
    }

    private static void deleteRecord(ContainerId id) {
        client().containers()
                .delete(DeleteContainerRequest.newBuilder().setId(id.value()).build());
    }

    private void awaitState(ContainerId id, ContainerState state) {
        Awaitility.await().untilAsserted(() -> assertThat(now(id).state()).isEqualTo(state));
    }

    @Test
    void killedTaskIsAnEnd() {
        var id = idle();
        killTask(id);
        assertThat(awaitExit(id).outcome()).isEqualTo(code(137));
        assertThat(containers().start(id).state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void deletedTaskIsAnEnd() {
        var id = idle();
        killTask(id);
        try {
            var _ = client().tasks(ContainerdClient.SLOW)
                    .delete(DeleteTaskRequest.newBuilder()
                            .setContainerId(id.value())
                            .build());
        } catch (StatusRuntimeException e) {
            // The adapter was quicker, or the process is not quite dead.
            assertThat(e.getStatus().getCode()).isIn(Status.Code.NOT_FOUND, Status.Code.UNKNOWN);
        }
        awaitExit(id);
        assertThat(containers().start(id).state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void pausingAndResumingAreSeen() {
        var id = idle();
        client().tasks(ContainerdClient.QUICK)
                .pause(PauseTaskRequest.newBuilder().setContainerId(id.value()).build());
        awaitState(id, ContainerState.PAUSED);
        client().tasks(ContainerdClient.QUICK)
                .resume(ResumeTaskRequest.newBuilder()
                        .setContainerId(id.value())
                        .build());
        awaitState(id, ContainerState.RUNNING);
    }

    @Test
    void deletedRecordIsARemoval() {
        var container = create(busybox("true").name("gone"));
        var removed = containers().await(container.id(), WaitCondition.REMOVED);
        deleteRecord(container.id());
        assertThat(get(removed)).isNull();
        failing(Reason.CONTAINER_NOT_FOUND, () -> now(container.id()));
        create(busybox("true").name("gone"));
    }

    @Test
    void recordDeletedUnderARunningTaskEndsTheTaskToo() {
        var id = idle();
        var pid = now(id).pid();
        var sink = new Recorder();
        try (var session = containers().attach(id, null, false, sink)) {
            session.resumeOutput();
            deleteRecord(id);
            sink.exit();
        }
        Awaitility.await().until(() -> ProcessHandle.of(pid).isEmpty());
        failing(Reason.CONTAINER_NOT_FOUND, () -> now(id));
    }

    @Test
    void shimThatIsKilledIsAnEndThatNobodyKnows() {
        var id = idle();
        var shim = ProcessHandle.of(now(id).pid()).orElseThrow().parent().orElseThrow();
        var sink = new Recorder();
        exec(id, ExecSpec.of("sleep", "2000"), sink);
        shim.destroyForcibly();
        var exit = awaitExit(id);
        assertThat(exit.outcome()).isNotEqualTo(code(0));
        assertThat(sink.exit().outcome()).isNotEqualTo(code(0));
        assertThat(containers().start(id).state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void eventsAreToldInTheirOrder() {
        List<RuntimeEvent> events = new CopyOnWriteArrayList<>();
        try (var _ = runtime().events(events::add)) {
            var id = idle();
            sh(id, "true");
            containers().pause(id);
            containers().resume(id);
            containers().stop(id, Duration.ZERO, null);
            containers().remove(id, false);
            Awaitility.await()
                    .untilAsserted(() -> assertThat(events)
                            .filteredOn(e -> id.value().equals(e.containerId()))
                            .extracting(RuntimeEvent::type)
                            .filteredOn(t -> t != RuntimeEvent.Type.CONTAINER_UPDATED)
                            .containsExactly(
                                    RuntimeEvent.Type.CONTAINER_CREATED,
                                    RuntimeEvent.Type.CONTAINER_STARTED,
                                    RuntimeEvent.Type.EXEC_STARTED,
                                    RuntimeEvent.Type.EXEC_EXITED,
                                    RuntimeEvent.Type.CONTAINER_PAUSED,
                                    RuntimeEvent.Type.CONTAINER_RESUMED,
                                    RuntimeEvent.Type.CONTAINER_EXITED,
                                    RuntimeEvent.Type.CONTAINER_REMOVED));
        }
    }
}
