package dev.hawse.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.containerd.api.services.tasks.v1.GetRequest;
import dev.hawse.containerd.api.services.tasks.v1.KillRequest;
import dev.hawse.containerd.api.types.task.Process;
import dev.hawse.containerd.api.types.task.Status;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.ContainerRuntimeContract;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.DrainState;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.Signal;
import dev.hawse.testing.LogRecorder;
import dev.hawse.testing.Recorder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A server that was closed, and the next one on the same namespace. */
final class ContainerdAdoptionIT extends ContainerRuntimeContract {

    private static final ProcessIo INPUT = new ProcessIo(true, null);

    @RegisterExtension
    static final ContainerdEngine ENGINE = new ContainerdEngine();

    @Override
    protected ContainerRuntime runtime() {
        return ENGINE.runtime();
    }

    private void restartServer() throws Exception {
        runtime().close();
        ENGINE.reopen();
    }

    @Test
    void runningContainerIsFoundAsItIs() throws Exception {
        var before = running(busybox("sleep", "1000").name("survivor"));
        restartServer();
        var after = containers().get("survivor");
        assertThat(after).usingRecursiveComparison().ignoringFields("startedAt").isEqualTo(before);
        assertThat(Duration.between(before.startedAt(), after.startedAt()).abs())
                .isLessThan(Duration.ofSeconds(3));
        assertThat(sh(after.id(), "echo alive").out()).isEqualTo("alive\n");
    }

    @Test
    void outputGoesOnIntoTheSameLogAndNothingOfItIsLost() throws Exception {
        var id = running(script("i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo $i; sleep 0.01; done"))
                .id();
        awaitLog(id, "20\n");
        runtime().close();
        // Time enough for the container to write while nobody reads.
        Awaitility.await().pollDelay(Duration.ofMillis(700)).until(() -> true);
        ENGINE.reopen();
        awaitExit(id);
        var expected = new StringBuilder();
        for (int i = 1; i <= 400; i++) {
            expected.append(i).append('\n');
        }
        assertThat(logs(id, LogQuery.ALL).text()).isEqualTo(expected.toString());
    }

    @Test
    void containerIsNeverKeptWaitingWhileThereIsNoServer() throws Exception {
        var id = running(script("while [ ! -e /go ]; do sleep 0.02; done; seq 1 1600000; echo end >&2; exit 7"))
                .id();
        var client = ENGINE.containerd().client();
        runtime().close();
        Files.createFile(Path.of("/proc/" + pid(client, id) + "/root/go"));
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> status(client, id) == Status.STOPPED);
        ENGINE.reopen();
        var exit = awaitExit(id);
        assertThat(exit.outcome()).isEqualTo(code(7));
        assertThat(exit.drain()).isEqualTo(DrainState.COMPLETE);
        var log = logs(id, LogQuery.ALL);
        assertThat(log.gaps()).isEmpty();
        assertThat(log.text(OutputKind.STDOUT)).hasSize(11_688_896).endsWith("\n1600000\n");
        assertThat(log.text(OutputKind.STDERR)).isEqualTo("end\n");
        assertThat(exit.stdoutBytes()).isEqualTo(11_688_896);
        assertThat(exit.stderrBytes()).isEqualTo(4);
    }

    private static Process task(ContainerdClient client, ContainerId id) {
        return client.tasks(ContainerdClient.QUICK)
                .get(GetRequest.newBuilder().setContainerId(id.value()).build())
                .getProcess();
    }

    private static int pid(ContainerdClient client, ContainerId id) {
        return task(client, id).getPid();
    }

    private static Status status(ContainerdClient client, ContainerId id) {
        return task(client, id).getStatus();
    }

    @Test
    void adoptedContainerIsAttachedTo() throws Exception {
        var id = running(busybox("cat").io(INPUT)).id();
        restartServer();
        var sink = new Recorder();
        try (var session = containers().attach(id, null, false, sink)) {
            session.resumeOutput();
            session.write("again".getBytes(StandardCharsets.UTF_8), session::endInput);
            assertThat(sink.exit().outcome()).isEqualTo(code(0));
        }
        assertThat(sink.out()).isEqualTo("again");
    }

    @Test
    void adoptedContainerIsStoppedAndStartsAgain() throws Exception {
        var id = obedient();
        restartServer();
        assertThat(containers()
                        .stop(id, Duration.ofSeconds(30), null)
                        .container()
                        .exit())
                .isEqualTo(code(3));
        assertThat(containers().start(id).state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void endThatCameMeanwhileIsToldRightly() throws Exception {
        var id = running(script("echo begun; read x; echo last; exit 42").io(INPUT))
                .id();
        awaitLog(id, "begun");
        var pid = now(id).pid();
        try (var session = containers().attach(id, null, false, new Recorder())) {
            session.write("\n".getBytes(StandardCharsets.UTF_8), () -> {});
            runtime().close();
        }
        Awaitility.await().until(() -> ProcessHandle.of(pid).isEmpty());
        ENGINE.reopen();
        var exit = awaitExit(id);
        assertThat(exit.outcome()).isEqualTo(code(42));
        assertThat(now(id).state()).isEqualTo(ContainerState.EXITED);
        assertThat(now(id).finishedAt()).isEqualTo(exit.exitedAt()).isNotNull();
        assertThat(logs(id, LogQuery.ALL).text()).startsWith("begun\n");
    }

    @Test
    void endThatWasKnownIsKept() throws Exception {
        var id = idle();
        containers().kill(id, Signal.KILL, false);
        awaitExit(id);
        Awaitility.await().until(() -> ENGINE.containerd().contents().stream().noneMatch(l -> l.startsWith("task")));
        var before = now(id);
        restartServer();
        assertThat(now(id)).isEqualTo(before);
        assertThat(before.exit()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
    }

    @Test
    void createdAndRenamedContainersAreAsTheyWere() throws Exception {
        var id = create(busybox("true").name("old")).id();
        containers().rename(id, "new");
        var before = now(id);
        restartServer();
        assertThat(containers().get("new")).isEqualTo(before);
        failing(Reason.NAME_IN_USE, () -> create(busybox("true").name("new")));
        containers().start(id);
        assertThat(awaitExit(id).outcome()).isEqualTo(code(0));
    }

    @Test
    void pausedContainerIsStillPaused() throws Exception {
        var id = idle();
        containers().pause(id);
        restartServer();
        assertThat(now(id).state()).isEqualTo(ContainerState.PAUSED);
        assertThat(containers().resume(id).state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void commandsOfTheServerBeforeAreEndedAndTheirFifosGone() throws Exception {
        var id = idle();
        exec(id, ExecSpec.of("sleep", "2000").withIo(INPUT), new Recorder());
        assertThat(containers().processes(id)).hasSize(2);
        restartServer();
        runtime().execs().endLeftovers(_ -> false);
        Awaitility.await().until(() -> containers().processes(id).size() == 1);
        assertThat(ENGINE.fifoDir().toFile().list()).containsExactly(id.value());
        assertThat(sh(id, "echo alive").out()).isEqualTo("alive\n");
    }

    @Test
    void closingEndsEveryStream() throws Exception {
        var id = running(script("echo begun; sleep 1000")).id();
        awaitLog(id, "begun");
        var attached = new Recorder();
        containers().attach(id, null, false, attached).resumeOutput();
        var log = new LogRecorder();
        containers()
                .logs(id, new LogQuery(true, null, null, null, Set.of()), log)
                .resume();
        restartServer();
        assertThat(attached.exit().outcome()).isInstanceOf(ExitOutcome.Lost.class);
        log.awaitEnd();
        assertThat(now(id).state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void startThatACrashCutOffIsMadeGood() throws Exception {
        var id = create(script("echo complete")).id();
        runtime().close();
        Crash.betweenCreateAndStart(ENGINE, id);
        ENGINE.reopen();
        assertThat(now(id).state()).isEqualTo(ContainerState.CREATED);
        containers().start(id);
        assertThat(awaitExit(id).outcome()).isEqualTo(code(0));
        assertThat(logs(id, LogQuery.ALL).text()).isEqualTo("complete\n");
    }

    @Test
    void goneFifosLoseOutputButNotTheEnd() throws Exception {
        var id = running(busybox("sleep", "1000").io(INPUT)).id();
        runtime().close();
        for (var name : new String[] {"stdin", "stdout", "stderr"}) {
            Files.delete(ENGINE.fifoDir().resolve(id.value()).resolve(name));
        }
        ENGINE.reopen();
        ENGINE.containerd()
                .client()
                .tasks(ContainerdClient.QUICK)
                .kill(KillRequest.newBuilder()
                        .setContainerId(id.value())
                        .setSignal(9)
                        .build());
        assertThat(awaitExit(id).outcome()).isEqualTo(code(137));
    }
}
