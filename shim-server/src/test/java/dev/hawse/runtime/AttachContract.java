package dev.hawse.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.testing.Recorder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Watching and feeding a container's main process. */
public abstract class AttachContract extends ContainerRuntimeContract {

    private static final ProcessIo INPUT = new ProcessIo(true, null);

    private ProcessSession attach(ContainerId id, Recorder sink) {
        return attach(id, null, sink);
    }

    private ProcessSession attach(ContainerId id, @Nullable TerminalSize size, Recorder sink) {
        var session = containers().attach(id, size, false, sink);
        session.resumeOutput();
        return session;
    }

    private static void type(ProcessSession session, String text) {
        session.write(text.getBytes(StandardCharsets.UTF_8), () -> {});
    }

    @Test
    void everyByteFromTheFirstOnComesWhenAttachedBeforeTheStart() {
        var id = create(script("echo out; echo err >&2; exit 4")).id();
        var sink = new Recorder();
        try (var _ = attach(id, sink)) {
            containers().start(id);
            assertThat(sink.exit().outcome()).isEqualTo(code(4));
        }
        assertThat(sink.out()).isEqualTo("out\n");
        assertThat(sink.err()).isEqualTo("err\n");
        assertThat(sink.exit().stdoutBytes()).isEqualTo(4);
        assertThat(sink.exit().drain()).isEqualTo(DrainState.COMPLETE);
    }

    @Test
    void nothingComesBeforeItIsAskedFor() {
        var id = create(script("echo early")).id();
        var sink = new Recorder();
        try (var session = containers().attach(id, null, false, sink)) {
            containers().start(id);
            awaitExit(id);
            assertThat(sink.out()).isEmpty();
            assertThat(sink.ended()).isFalse();
            session.resumeOutput();
            sink.exit();
        }
        assertThat(sink.out()).isEqualTo("early\n");
    }

    @Test
    void runningContainerIsSeenFromNowOn() {
        var id = running(script("echo before; read x; echo got $x").io(INPUT)).id();
        awaitLog(id, "before");
        var sink = new Recorder();
        try (var session = attach(id, sink)) {
            type(session, "line\n");
            sink.exit();
        }
        assertThat(sink.out()).isEqualTo("got line\n");
    }

    @Test
    void severalViewersSeeTheSame() {
        var id = create(script("seq 1 20000")).id();
        var one = new Recorder();
        var two = new Recorder();
        try (var _ = attach(id, one);
                var _ = attach(id, two)) {
            containers().start(id);
            one.exit();
            two.exit();
        }
        assertThat(one.out()).hasSize(108_894).isEqualTo(two.out());
    }

    @Test
    void slowViewerMissesBytesIsToldAndHurtsNobody() {
        var id = create(script("dd if=/dev/zero bs=65536 count=128 2>/dev/null; echo done >&2"))
                .id();
        var slow = new Recorder();
        slow.accepting(false);
        var fast = new Recorder();
        try (var stalled = attach(id, slow);
                var _ = attach(id, fast)) {
            containers().start(id);
            fast.exit();
            slow.accepting(true);
            stalled.resumeOutput();
            slow.exit();
        }
        assertThat(slow.gaps()).isNotEmpty();
        assertThat(slow.stdout().length).isLessThan(128 * 65536);
        assertThat(slow.err()).isEqualTo("done\n");
        assertThat(slow.exit().stdoutBytes()).isEqualTo(128L * 65536);
        assertThat(logs(id, LogQuery.ALL).text(OutputKind.STDOUT)).hasSize(128 * 65536);
    }

    @Test
    void slowViewerThatMayMissNothingHoldsTheContainerBack() {
        var id = create(script("dd if=/dev/zero bs=65536 count=1024 2>/dev/null; echo done >&2"))
                .id();
        var slow = new Recorder();
        slow.accepting(false);
        try (var session = attachLossless(id, slow)) {
            containers().start(id);
            slow.awaitOut("\0");
            // Far longer than it takes when nobody waits.
            Awaitility.await()
                    .during(Duration.ofSeconds(3))
                    .until(() -> containers().get(id.value()).state() == ContainerState.RUNNING);
            slow.accepting(true);
            session.resumeOutput();
            slow.exit();
        }
        assertThat(slow.gaps()).isEmpty();
        assertThat(slow.stdout()).hasSize(1024 * 65536);
        assertThat(slow.err()).isEqualTo("done\n");
    }

    @Test
    void stalledViewerThatMayMissNothingKeepsNobodyFromRemovingTheContainer() {
        var id = create(script("yes")).id();
        var stalled = new Recorder();
        stalled.accepting(false);
        try (var _ = attachLossless(id, stalled)) {
            containers().start(id);
            stalled.awaitOut("y");
            containers().remove(id, true);
        }
    }

    private ProcessSession attachLossless(ContainerId id, Recorder sink) {
        var session = containers().attach(id, null, true, sink);
        session.resumeOutput();
        return session;
    }

    @Test
    void inputReachesTheProcessAndItsEnd() {
        var id = create(busybox("cat").io(INPUT)).id();
        var sink = new Recorder();
        try (var session = attach(id, sink)) {
            containers().start(id);
            session.write("hello".getBytes(StandardCharsets.UTF_8), session::endInput);
            assertThat(sink.exit().outcome()).isEqualTo(code(0));
        }
        assertThat(sink.out()).isEqualTo("hello");
    }

    @Test
    void inputGivenBeforeTheStartIsDelivered() {
        var id = create(busybox("cat").io(INPUT)).id();
        var sink = new Recorder();
        try (var session = attach(id, sink)) {
            session.write("early".getBytes(StandardCharsets.UTF_8), session::endInput);
            containers().start(id);
            assertThat(sink.exit().outcome()).isEqualTo(code(0));
        }
        assertThat(sink.out()).isEqualTo("early");
    }

    @Test
    void endOfInputBeforeTheStartIsDelivered() {
        var id = create(busybox("cat").io(INPUT)).id();
        var sink = new Recorder();
        try (var session = attach(id, sink)) {
            session.endInput();
            containers().start(id);
            assertThat(sink.exit().outcome()).isEqualTo(code(0));
        }
    }

    @Test
    void inputStaysOpenWhenItsWriterLeaves() {
        var id = running(busybox("cat").io(INPUT)).id();
        var first = new Recorder();
        try (var session = attach(id, first)) {
            type(session, "one");
            first.awaitOut("one");
        }
        var second = new Recorder();
        try (var session = attach(id, second)) {
            session.write("two".getBytes(StandardCharsets.UTF_8), session::endInput);
            assertThat(second.exit().outcome()).isEqualTo(code(0));
        }
        assertThat(second.out()).isEqualTo("two");
        assertThat(first.ended()).isFalse();
    }

    @Test
    void inputOfAProcessWithoutIsRefused() {
        var created = create(busybox("sleep", "1000")).id();
        try (var session = attach(created, new Recorder())) {
            failing(Reason.PROTOCOL_VIOLATION, () -> type(session, "x"));
            containers().start(created);
            failing(Reason.PROTOCOL_VIOLATION, () -> type(session, "x"));
        }
    }

    @Test
    void inputAfterItsEndIsRefused() {
        var id = running(script("cat > /dev/null; sleep 1000").io(INPUT)).id();
        try (var session = attach(id, new Recorder())) {
            session.endInput();
            failing(Reason.PROTOCOL_VIOLATION, () -> type(session, "x"));
        }
    }

    @Test
    void terminalHasItsSizeFromTheStart() {
        var io = new ProcessIo(false, new TerminalSize(120, 40));
        assertThat(outputOf(busybox("stty", "size").io(io)).strip()).isEqualTo("40 120");
    }

    @Test
    void sizeOfWhoAttachesBeforeTheStartCounts() {
        var id = create(busybox("stty", "size").io(new ProcessIo(false, TerminalSize.DEFAULT)))
                .id();
        var sink = new Recorder();
        try (var _ = attach(id, new TerminalSize(99, 33), sink)) {
            containers().start(id);
            sink.exit();
        }
        assertThat(sink.out().strip()).isEqualTo("33 99");
    }

    @Test
    void resizedTerminalIsToldToTheProcess() {
        var id = create(script("trap 'stty size; exit' WINCH; echo ready; while true; do sleep 0.1; done")
                        .io(new ProcessIo(true, TerminalSize.DEFAULT)))
                .id();
        var sink = new Recorder();
        try (var session = attach(id, sink)) {
            containers().start(id);
            sink.awaitOut("ready");
            session.resize(new TerminalSize(111, 22));
            assertThat(sink.exit().outcome()).isEqualTo(code(0));
        }
        assertThat(sink.out()).contains("22 111");
    }

    @Test
    void endOfInputOnATerminalIsTyped() {
        var id = running(busybox("cat").io(new ProcessIo(true, TerminalSize.DEFAULT)))
                .id();
        var sink = new Recorder();
        try (var session = attach(id, sink)) {
            type(session, "hi\n");
            sink.awaitOut("hi");
            session.endInput();
            assertThat(sink.exit().outcome()).isEqualTo(code(0));
        }
    }

    @Test
    void interruptTypedOnATerminalEndsTheCommand() {
        var io = new ProcessIo(true, TerminalSize.DEFAULT);
        var id = running(script("sleep 1000; echo interrupted; exit 6").io(io)).id();
        var sink = new Recorder();
        try (var session = attach(id, sink)) {
            Awaitility.await().until(() -> containers().processes(id).size() == 2);
            type(session, "\u0003");
            sink.exit();
        }
    }

    @Test
    void detachingLeavesTheContainerRunning() {
        var id = running(script("while true; do echo tick; sleep 0.05; done").io(INPUT))
                .id();
        var first = new Recorder();
        try (var _ = attach(id, first)) {
            first.awaitOut("tick");
        }
        var second = new Recorder();
        try (var _ = attach(id, second)) {
            second.awaitOut("tick");
        }
        assertThat(now(id).state()).isEqualTo(ContainerState.RUNNING);
        assertThat(first.ended()).isFalse();
    }

    @Test
    void closedSessionDoesNothing() {
        var id = obedient();
        var session = attach(id, new Recorder());
        session.close();
        session.close();
        session.signal(Signal.TERM, SignalScope.PROCESS);
        session.endInput();
        session.resize(TerminalSize.DEFAULT);
        session.resumeOutput();
        assertThat(now(id).state()).isEqualTo(ContainerState.RUNNING);
    }

    @Test
    void signalReachesTheMainProcess() {
        var sink = new Recorder();
        try (var session = attach(obedient(), sink)) {
            session.signal(Signal.TERM, SignalScope.PROCESS);
            assertThat(sink.exit().outcome()).isEqualTo(code(3));
        }
    }

    @Test
    void exitedContainerCannotBeAttachedTo() {
        var id = running(busybox("true")).id();
        awaitExit(id);
        failing(Reason.CONTAINER_STATE, () -> containers().attach(id, null, false, new Recorder()));
    }

    @Test
    void whoAttachesWhileItEndsIsToldTheEndOrRefused() {
        for (int i = 0; i < 20; i++) {
            var id = running(busybox("true")).id();
            var sink = new Recorder();
            try (var _ = attach(id, sink)) {
                assertThat(sink.exit().outcome()).isEqualTo(code(0));
            } catch (RuntimeFailure e) {
                assertThat(e.reason()).isEqualTo(Reason.CONTAINER_STATE);
            }
        }
    }

    @Test
    void sessionOfOneRunTouchesNoOther() {
        var id = create(busybox("cat").io(INPUT)).id();
        var sink = new Recorder();
        try (var session = attach(id, sink)) {
            containers().start(id);
            containers().restart(id, Duration.ZERO, null);
            sink.exit();
            session.endInput();
            session.signal(Signal.KILL, SignalScope.PROCESS);
            type(session, "late");
        }
        var second = new Recorder();
        try (var session = attach(id, second)) {
            type(session, "second");
            second.awaitOut("second");
        }
        assertThat(second.out()).isEqualTo("second");
    }

    @Test
    void viewerWaitingForAStartIsToldOfTheRemoval() {
        var id = create(busybox("true")).id();
        var sink = new Recorder();
        try (var _ = attach(id, sink)) {
            containers().remove(id, false);
            assertThat(sink.exit().outcome()).isInstanceOf(ExitOutcome.Lost.class);
        }
    }
}
