package dev.hawse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.api.runtime.v1.AttachExecRequest;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecState;
import dev.hawse.api.runtime.v1.ListExecsRequest;
import dev.hawse.api.runtime.v1.SignalExecRequest;
import dev.hawse.api.runtime.v1.SignalScope;
import dev.hawse.api.runtime.v1.StartExecRequest;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ExecCliTest {

    private FakeHawse server;

    @BeforeEach
    void start() throws Exception {
        server = new FakeHawse();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void detachedCommandIsTheServersAndItsIdIsPrinted() {
        var result = server.hawse(
                "exec",
                "-d",
                "-i",
                "--timeout",
                "90s",
                "--kill-after",
                "2",
                "--on-disconnect",
                "detach=5m",
                "--output",
                "ring=64k",
                "--history",
                "1k",
                "--drain",
                "wait",
                "--request-id",
                "once",
                "web",
                "sleep",
                "--timeout",
                "9");
        assertThat(result).isEqualTo(new FakeHawse.Result(0, FakeHawse.ID + "\n", ""));
        var start = server.request(StartExecRequest.class).getStart();
        assertThat(start.getContainer()).isEqualTo("web");
        assertThat(start.getArgsList()).containsExactly("sleep", "--timeout", "9");
        assertThat(start.getIo().getStdin()).isTrue();
        assertThat(start.getTimeout().getSeconds()).isEqualTo(90);
        assertThat(start.getKillAfter().getSeconds()).isEqualTo(2);
        assertThat(start.getOnDisconnect().getDetach().getTtl().getSeconds()).isEqualTo(300);
        assertThat(start.getOutput().getRing().getBytes()).isEqualTo(65536);
        assertThat(start.getOutput().getHistory()).isEqualTo(1024);
        assertThat(start.getDrain().hasWait()).isTrue();
        assertThat(start.getRequestId()).isEqualTo("once");
    }

    @Test
    void detachedCommandThatCannotStartExitsLikeAShell() {
        assertThat(server.hawse("exec", "-d", "web", "nope"))
                .isEqualTo(new FakeHawse.Result(127, "", "hawse: exec nope: no such file or directory\n"));
    }

    @Test
    void plainCommandIsLeftToTheServersDefaults() {
        server.hawse("exec", "web", "exit", "0");
        var start = server.request(ExecRequest.class).getStart();
        assertThat(start.hasOnDisconnect()).isFalse();
        assertThat(start.hasOutput()).isFalse();
        assertThat(start.hasTimeout()).isFalse();
    }

    @Test
    void commandsAreListed() {
        for (var verb : List.of("exec", "execs")) {
            var result = server.hawse(verb, "ls", "web");
            assertThat(result.out().lines())
                    .containsExactly(
                            "EXEC ID        CONTAINER ID   COMMAND           CREATED         STATUS         VIEWERS",
                            "0123456789ab   0123456789ab   \"sh -c \\x1b[2J\"   5 minutes ago   Up 5 minutes   1");
        }
        var request = server.request(ListExecsRequest.class);
        assertThat(request.getContainer()).isEqualTo("web");
        assertThat(request.getStatesList())
                .containsExactlyInAnyOrder(ExecState.EXEC_STATE_STARTING, ExecState.EXEC_STATE_RUNNING);
        assertThat(server.hawse("exec", "ls", "-q", "--no-trunc").out()).isEqualTo(FakeHawse.ID + "\n");
        assertThat(server.hawse("exec", "ls", "--output", "json").out()).contains("\"type\" : \"detach\"");
    }

    @Test
    void attachShowsWhatWasAndCarriesInput() {
        var result = server.hawse("new".getBytes(StandardCharsets.UTF_8), "exec", "attach", "0123");
        assertThat(result).isEqualTo(new FakeHawse.Result(6, "old\nnew", ""));
        var start = server.request(AttachExecRequest.class).getStart();
        assertThat(start.getExecId()).isEqualTo(FakeHawse.ID);
        assertThat(start.hasOldest()).isTrue();
        assertThat(start.getStdin()).isTrue();
        assertThat(start.getTakeOver()).isFalse();
    }

    @Test
    void attachPassesItsFlagsOn() {
        var result = server.hawse("execs", "attach", "--no-stdin", "--from", "3,4", "0123");
        assertThat(result).isEqualTo(new FakeHawse.Result(6, "", ""));
        var start = server.request(AttachExecRequest.class).getStart();
        assertThat(start.getStdin()).isFalse();
        assertThat(start.getOffsets().getStdout()).isEqualTo(3);
        assertThat(start.getOffsets().getStderr()).isEqualTo(4);
        server.requests.clear();
        server.hawse("exec", "attach", "--take-over", "--from", "now", "0123");
        assertThat(server.request(AttachExecRequest.class).getStart().getTakeOver())
                .isTrue();
        assertThat(server.request(AttachExecRequest.class).getStart().hasNow()).isTrue();
    }

    @Test
    void brokenConnectionIsToldAndMadeAgain() {
        // The second piece is read when the first one has been sent, and waits for the connection.
        var pieces = new ArrayDeque<>(List.of("cut", "more"));
        var input = new InputStream() {
            @Override
            public int read() {
                throw new AssertionError("read as pieces");
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                var piece = pieces.poll();
                if (piece == null) {
                    return -1;
                }
                if (piece.equals("more")) {
                    awaitCut();
                }
                System.arraycopy(piece.getBytes(StandardCharsets.UTF_8), 0, into, offset, piece.length());
                return piece.length();
            }
        };
        var result = server.hawse(input, "exec", "attach", "0123");
        assertThat(result.out()).isEqualTo("old\ncutmore");
        assertThat(result.err()).startsWith("hawse: the server is away").endsWith("hawse: connected again\n");
        assertThat(result.code()).isEqualTo(6);
    }

    private void awaitCut() {
        org.awaitility.Awaitility.await()
                .until(() -> server.requests.stream()
                                .filter(r -> r instanceof AttachExecRequest a && a.hasStart())
                                .count()
                        == 2);
    }

    @Test
    void inspectShowsTheWholeRecordAndFailsForWhatIsNotThere() {
        var result = server.hawse("exec", "inspect", "0123", "gone");
        assertThat(result.code()).isEqualTo(125);
        assertThat(result.err()).isEqualTo("hawse: no command gone\n");
        assertThat(result.out()).contains("\"pid\" : 42").contains("\"state\" : \"running\"");
    }

    @Test
    void killReachesTheProcessOrItsTree() {
        assertThat(server.hawse("exec", "kill", "0123").out()).isEqualTo("0123\n");
        var request = server.request(SignalExecRequest.class);
        assertThat(request.getSignal().getSignal()).isEqualTo("KILL");
        assertThat(request.getSignal().getScope()).isEqualTo(SignalScope.SIGNAL_SCOPE_PROCESS);
        server.requests.clear();
        server.hawse("execs", "kill", "--tree", "-s", "HUP", "0123");
        request = server.request(SignalExecRequest.class);
        assertThat(request.getSignal().getSignal()).isEqualTo("HUP");
        assertThat(request.getSignal().getScope()).isEqualTo(SignalScope.SIGNAL_SCOPE_TREE);
    }

    @Test
    void containersNamedLikeAVerbAreStillReached() {
        server.hawse("exec", "--", "ls", "exit", "0");
        assertThat(server.request(ExecRequest.class).getStart().getContainer()).isEqualTo("ls");
        server.requests.clear();
        server.hawse("exec", "-i", "attach", "exit", "0");
        assertThat(server.request(ExecRequest.class).getStart().getContainer()).isEqualTo("attach");
        server.requests.clear();
        server.hawse("exec", "web", "exit", "0");
        assertThat(server.request(ExecRequest.class).getStart().getContainer()).isEqualTo("web");
    }

    @Test
    void everyVerbHasHelpAndIsCompleted() {
        for (var verb : ExecsCommand.VERBS) {
            var help = server.hawse("exec", verb, "--help");
            assertThat(help.code()).as(verb).isZero();
            assertThat(help.out()).startsWith("Usage: hawse execs " + verb);
        }
        assertThat(server.hawse("execs").out()).contains("attach").contains("inspect");
        assertThat(server.hawse("completion").out()).contains("--take-over").contains("--on-disconnect");
    }

    @Test
    void badValuesAreRefusedWithTheFlagsName() {
        for (var bad : List.of(
                List.of("--timeout", "soon"),
                List.of("--on-disconnect", "stay"),
                List.of("--output", "tee"),
                List.of("--detach-keys", "ctrl-"),
                List.of("--drain", "never"))) {
            var result = server.hawse("exec", bad.get(0), bad.get(1), "web", "true");
            assertThat(result.code()).isEqualTo(125);
            assertThat(result.err())
                    .startsWith("hawse: " + bad.get(0))
                    .contains("(got ")
                    .hasLineCount(1);
        }
        assertThat(server.hawse("exec", "--drain", "never", "web", "true").err())
                .endsWith(", and wait\n");
    }
}
