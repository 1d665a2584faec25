package dev.hawse.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.testing.Recorder;
import dev.hawse.testing.TestImages;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What every engine behind the port does, whichever it is. A behaviour belongs to the product only when it is here. The
 * image {@link TestImages#BUSYBOX} is there when a test begins.
 */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
@Execution(ExecutionMode.SAME_THREAD)
public abstract class ContainerRuntimeContract {

    private final List<ContainerId> made = new ArrayList<>();

    /** The engine under test. */
    protected abstract ContainerRuntime runtime();

    @AfterEach
    void removeWhatWasMade() {
        for (var id : made) {
            try {
                runtime().containers().remove(id, true);
            } catch (RuntimeFailure e) {
                assertThat(e.reason()).isEqualTo(Reason.CONTAINER_NOT_FOUND);
            }
        }
    }

    protected final Container create(ContainerSpec spec) {
        var container = runtime().containers().create(spec).container();
        made.add(container.id());
        return container;
    }

    protected final ContainerSpec.Builder busybox(String... args) {
        return ContainerSpec.builder(TestImages.BUSYBOX).args(args);
    }

    protected final Container running(ContainerSpec.Builder spec) {
        return runtime().containers().start(create(spec.build()).id());
    }

    /** A container in which commands can be executed. */
    protected final ContainerId idle() {
        return running(busybox("sleep", "1000")).id();
    }

    protected final ExecStart.Running exec(ContainerId id, ExecSpec spec, Recorder sink) {
        var start = runtime().execs().start(id, spec, sink);
        assertThat(start).isInstanceOf(ExecStart.Running.class);
        var running = (ExecStart.Running) start;
        running.session().resumeOutput();
        return running;
    }

    /** Executes a shell script and waits for its end. */
    protected final Recorder sh(ContainerId id, String script) {
        var sink = new Recorder();
        exec(id, ExecSpec.of("sh", "-c", script), sink);
        sink.exit();
        return sink;
    }

    protected static ExitOutcome code(int code) {
        return new ExitOutcome.Code(code);
    }

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
        exec.session()
                .write(
                        "hello".getBytes(StandardCharsets.UTF_8),
                        () -> exec.session().endInput());
        assertThat(sink.exit().outcome()).isEqualTo(code(0));
        assertThat(sink.out()).isEqualTo("hello");
    }

    @Test
    void inputEndedBeforeAnythingWasWrittenEndsTheCommand() {
        var sink = new Recorder();
        var exec = exec(idle(), ExecSpec.of("cat").withIo(new ProcessIo(true, null)), sink);
        exec.session().endInput();
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
        exec.session().write(all, () -> exec.session().endInput());
        sink.exit();
        assertThat(HexFormat.of().formatHex(sink.stdout()))
                .isEqualTo(HexFormat.of().formatHex(all));
    }

    @Test
    void missingProgramIsAResultAndLeavesNothing() {
        var start = runtime().execs().start(idle(), ExecSpec.of("no-such-program"), new Recorder());
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
        var start = runtime().execs().start(idle(), ExecSpec.of("/etc/passwd"), new Recorder());
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
                idle(), ExecSpec.of("sh", "-c", "echo ready; read x; stty size").withIo(io), sink);
        sink.awaitOut("ready");
        exec.session().resize(new TerminalSize(100, 30));

        exec.session().write("\n".getBytes(StandardCharsets.UTF_8), () -> {});
        assertThat(sink.exit().outcome()).isEqualTo(code(0));
    }

    @Test
    void signalEndsTheCommandAndIsNamed() {
        var sink = new Recorder();
        var exec = exec(idle(), ExecSpec.of("sleep", "1000"), sink);
        exec.session().signal(Signal.TERM);
        assertThat(sink.exit().outcome()).isEqualTo(new ExitOutcome.Signaled(Signal.TERM));
    }

    @Test
    void closingTheSessionKillsTheCommand() {
        var id = idle();
        var exec = exec(id, ExecSpec.of("sleep", "1000"), new Recorder());
        exec.session().close();
        org.awaitility.Awaitility.await()
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
            exec.session().resumeOutput();
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
        try (var workers = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 40; i++) {
                var n = i;
                workers.execute(() -> assertThat(sh(id, "echo " + n).out()).isEqualTo(n + "\n"));
            }
        }
        assertThat(runtime().execs().running()).isZero();
    }

    @Test
    void commandInAContainerThatDoesNotRunIsRefused() {
        var created = create(busybox("true").build());
        assertThatThrownBy(() -> runtime().execs().start(created.id(), ExecSpec.of("true"), new Recorder()))
                .isInstanceOfSatisfying(
                        RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.CONTAINER_STATE));
    }
}
