package dev.hawse.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.testing.PortExec;
import dev.hawse.testing.Recorder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Commands in running containers. */
public abstract class ExecContract extends ContainerRuntimeContract {

    @Test
    void commandsBytesAndExitCodeComeThrough() {
        var sink = sh(idle(), "echo out; echo err >&2; exit 7");
        assertThat(sink.out()).isEqualTo("out\n");
        assertThat(sink.err()).isEqualTo("err\n");
        assertThat(sink.exit().outcome()).isEqualTo(code(7));
        assertThat(sink.exit().stdoutBytes()).isEqualTo(4);
        assertThat(sink.exit().drain()).isEqualTo(DrainState.COMPLETE);
    }

    @Test
    void everyByteOfALongOutputArrives() {
        var sink = sh(idle(), "seq 1 200000");
        var expected = new StringBuilder();
        for (int i = 1; i <= 200_000; i++) {
            expected.append(i).append('\n');
        }
        assertThat(sink.out()).isEqualTo(expected.toString());
    }

    @Test
    void inputIsReadToItsEnd() {
        var sink = new Recorder();
        var exec = exec(idle(), ExecSpec.of("cat").withIo(new ProcessIo(true, null)), sink);
        exec.control()
                .write(
                        "hello".getBytes(StandardCharsets.UTF_8),
                        () -> exec.control().endInput());
        assertThat(sink.exit().outcome()).isEqualTo(code(0));
        assertThat(sink.out()).isEqualTo("hello");
    }

    @Test
    void inputEndedBeforeAnythingWasWrittenEndsTheCommand() {
        var sink = new Recorder();
        var exec = exec(idle(), ExecSpec.of("cat").withIo(new ProcessIo(true, null)), sink);
        exec.control().endInput();
        assertThat(sink.exit().outcome()).isEqualTo(code(0));
    }

    @Test
    void commandWithoutInputReadsNothing() {
        assertThat(sh(idle(), "cat; echo done").out()).isEqualTo("done\n");
    }

    @Test
    void everyByteValueSurvivesBothWays() {
        var all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        var sink = new Recorder();
        var exec = exec(idle(), ExecSpec.of("cat").withIo(new ProcessIo(true, null)), sink);
        exec.control().write(all, () -> exec.control().endInput());
        sink.exit();
        assertThat(HexFormat.of().formatHex(sink.stdout()))
                .isEqualTo(HexFormat.of().formatHex(all));
    }

    @Test
    void missingProgramIsAResultAndLeavesNothing() {
        var start = PortExec.ask(runtime().execs(), idle(), ExecSpec.of("no-such-program"));
        assertThat(start)
                .isInstanceOfSatisfying(
                        ExecStart.NotStarted.class,
                        s -> assertThat(s.exit().outcome()).isInstanceOfSatisfying(ExitOutcome.SpawnFailed.class, f -> {
                            assertThat(f.kind()).isEqualTo(SpawnFailureKind.NOT_FOUND);
                            assertThat(f.kind().shellCode()).isEqualTo(127);
                        }));
    }

    @Test
    void programThatMayNotBeExecutedIsAResult() {
        var start = PortExec.ask(runtime().execs(), idle(), ExecSpec.of("/etc/passwd"));
        assertThat(start)
                .isInstanceOfSatisfying(
                        ExecStart.NotStarted.class,
                        s -> assertThat(s.exit().outcome())
                                .isInstanceOfSatisfying(
                                        ExitOutcome.SpawnFailed.class,
                                        f -> assertThat(f.kind()).isEqualTo(SpawnFailureKind.NOT_EXECUTABLE)));
    }

    @Test
    void terminalHasItsSizeFromTheFirstByte() {
        var sink = new Recorder();
        var io = new ProcessIo(false, new TerminalSize(132, 43));
        exec(idle(), ExecSpec.of("stty", "size").withIo(io), sink);
        sink.exit();
        assertThat(sink.out().strip()).isEqualTo("43 132");
    }

    @Test
    void terminalIsResized() {
        var sink = new Recorder();
        var io = new ProcessIo(true, new TerminalSize(80, 24));
        var exec = exec(
                idle(),
                ExecSpec.of("sh", "-c", "trap 'stty size; exit' WINCH; echo ready; while true; do sleep 0.1; done")
                        .withIo(io),
                sink);
        sink.awaitOut("ready");
        exec.control().resize(new TerminalSize(100, 30));
        assertThat(sink.exit().outcome()).isEqualTo(code(0));
        assertThat(sink.out()).contains("30 100");
    }

    @Test
    void signalEndsTheCommandAndIsNamed() {
        var sink = new Recorder();
        var exec = exec(idle(), ExecSpec.of("sleep", "1000"), sink);
        exec.control().signal(Signal.TERM, SignalScope.PROCESS).join();
        assertThat(sink.exit().outcome()).isEqualTo(new ExitOutcome.Signaled(Signal.TERM));
    }

    @Test
    void killOfTheTreeEndsTheCommand() {
        var id = idle();
        var exec = exec(id, ExecSpec.of("sleep", "1000"), new Recorder());
        exec.kill();
        Awaitility.await()
                .untilAsserted(() -> assertThat(runtime().execs().running()).isZero());
        assertThat(runtime().containers().processes(id)).hasSize(1);
    }

    @Test
    void environmentUserAndFolderAreAsAsked() {
        var sink = new Recorder();
        var spec = ExecSpec.of("sh", "-c", "echo $GREETING; id -u; pwd")
                .withEnv(Map.of("GREETING", "hi there"))
                .withUser("1234")
                .withWorkingDir("/tmp");
        exec(idle(), spec, sink);
        sink.exit();
        assertThat(sink.out()).isEqualTo("hi there\n1234\n/tmp\n");
    }

    @Test
    void slowReaderLosesNothing() throws InterruptedException {
        var sink = new Recorder();
        sink.accepting(false);
        var exec = exec(idle(), ExecSpec.of("sh", "-c", "seq 1 300000"), sink);
        while (!sink.ended()) {
            exec.resumeOutput();
            Thread.onSpinWait();
        }
        assertThat(sink.stdout()).hasSize(1_988_895);
        assertThat(sink.exit().outcome()).isEqualTo(code(0));
    }

    @Test
    void grandchildThatHoldsOutputDoesNotHoldTheEnd() {
        var began = System.nanoTime();
        var sink = sh(idle(), "sleep 100 & echo started");
        assertThat(sink.out()).isEqualTo("started\n");
        assertThat(sink.exit().drain()).isEqualTo(DrainState.HELD);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    }

    @Test
    void manyCommandsAtOnceAllEnd() {
        var id = idle();
        try (var workers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 40; i++) {
                var n = i;
                workers.execute(() -> assertThat(sh(id, "echo " + n).out()).isEqualTo(n + "\n"));
            }
        }
        assertThat(runtime().execs().running()).isZero();
    }

    @Test
    void commandInAContainerThatDoesNotRunIsRefused() {
        var id = create(busybox("true")).id();
        failing(Reason.CONTAINER_STATE, () -> PortExec.ask(runtime().execs(), id, ExecSpec.of("true")));
        containers().start(id);
        awaitExit(id);
        failing(Reason.CONTAINER_STATE, () -> PortExec.ask(runtime().execs(), id, ExecSpec.of("true")));
    }

    @Test
    void processesAreSeenWithTheirCommandAndChildren() {
        var container = running(busybox("sleep", "1000").user("app"));
        var exec =
                exec(container.id(), ExecSpec.of("sh", "-c", "sleep 2000; true").withUser("0"), new Recorder());
        Awaitility.await().until(() -> containers().processes(container.id()).size() == 3);
        var processes = containers().processes(container.id());
        assertThat(processes).extracting(ContainerProcess::pid).isSorted();
        assertThat(processes)
                .filteredOn(p -> p.pid() == container.pid())
                .singleElement()
                .satisfies(p -> {
                    assertThat(p.args()).containsExactly("sleep", "1000");
                    assertThat(p.uid()).isEqualTo(1000);
                    assertThat(p.execId()).isNull();
                    assertThat(p.residentBytes()).isPositive();
                    assertThat(p.state()).isEqualTo("S");
                });
        assertThat(processes)
                .filteredOn(p -> p.pid() == exec.pid())
                .singleElement()
                .satisfies(p -> {
                    assertThat(p.execId()).isEqualTo(exec.id());
                    assertThat(p.uid()).isZero();
                });
        assertThat(processes)
                .filteredOn(p -> p.parentPid() == exec.pid())
                .singleElement()
                .satisfies(p -> {
                    assertThat(p.args()).containsExactly("sleep", "2000");
                    assertThat(p.execId()).isNull();
                });
        exec.kill();
    }

    @Test
    void processesOfWhatDoesNotRunAreRefused() {
        var id = create(busybox("true")).id();
        failing(Reason.CONTAINER_STATE, () -> containers().processes(id));
    }

    @Test
    void folderThatIsNotThereIsAResultOrMade() {
        var start = PortExec.ask(runtime().execs(), idle(), ExecSpec.of("true").withWorkingDir("/etc/passwd/x"));
        assertThat(start)
                .isInstanceOfSatisfying(
                        ExecStart.NotStarted.class,
                        s -> assertThat(s.exit().outcome())
                                .isInstanceOfSatisfying(
                                        ExitOutcome.SpawnFailed.class,
                                        f -> assertThat(f.kind()).isEqualTo(SpawnFailureKind.BAD_WORKING_DIR)));
    }

    @Test
    void inputThatNobodyReadsDoesNotHoldTheEnd() {
        var sink = new Recorder();
        var exec = exec(idle(), ExecSpec.of("sleep", "0.2").withIo(new ProcessIo(true, null)), sink);
        var accepted = new java.util.concurrent.CompletableFuture<Void>();
        exec.control().write(new byte[4 << 20], () -> accepted.complete(null));
        assertThat(sink.exit().outcome()).isEqualTo(code(0));
        assertThat(accepted).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void inputAfterItsEndIsRefused() {
        var sink = new Recorder();
        var exec = exec(idle(), ExecSpec.of("sleep", "1000").withIo(new ProcessIo(true, null)), sink);
        exec.control().endInput();
        failing(Reason.PROTOCOL_VIOLATION, () -> exec.control().write(new byte[1], () -> {}));
        exec.kill();
    }

    @Test
    void inputOfACommandWithoutIsRefused() {
        var exec = exec(idle(), ExecSpec.of("sleep", "1000"), new Recorder());
        failing(Reason.PROTOCOL_VIOLATION, () -> exec.control().write(new byte[1], () -> {}));
        exec.kill();
    }
}
