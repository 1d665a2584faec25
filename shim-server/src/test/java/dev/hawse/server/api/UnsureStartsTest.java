package dev.hawse.server.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.hawse.api.runtime.v1.Exec;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.ExecStart;
import dev.hawse.api.runtime.v1.ExecState;
import dev.hawse.api.runtime.v1.ListExecsRequest;
import dev.hawse.api.runtime.v1.StartExecRequest;
import dev.hawse.api.runtime.v1.StartExecResponse;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.testing.FakeRuntime;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Commands whose engine went away while they were being started. */
@Timeout(60)
class UnsureStartsTest {

    private final RuntimeFailure away =
            RuntimeFailure.of(Reason.RUNTIME_UNAVAILABLE, "the engine died while it worked");

    private final FakeRuntime runtime = new FakeRuntime();
    private ApiFixture api;

    @BeforeEach
    void open() throws IOException {
        api = new ApiFixture(runtime);
        api.run("box");
    }

    @AfterEach
    void close() {
        api.close();
    }

    private ExecServiceGrpc.ExecServiceBlockingStub execs() {
        return ExecServiceGrpc.newBlockingStub(api.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    private static ExecStart.Builder command(String... args) {
        return ExecStart.newBuilder().setContainer("box").addAllArgs(Arrays.asList(args));
    }

    private StartExecResponse start(ExecStart.Builder start) {
        return execs().startExec(StartExecRequest.newBuilder().setStart(start).build());
    }

    private List<Exec> all() {
        return execs().listExecs(ListExecsRequest.getDefaultInstance()).getExecsList();
    }

    private RawCall<ExecRequest, ExecResponse> exec(ExecStart.Builder start) {
        return RawCall.open(api.channel, ExecServiceGrpc.getExecMethod())
                .send(ExecRequest.newBuilder().setStart(start).build());
    }

    @Test
    void requestIsToldThatItIsNotKnownAndThenWhatItsCommandIs() {
        runtime.cutStarts(away, true);
        ApiFixture.fails(Reason.RUNTIME_UNAVAILABLE, () -> start(command("hold").setRequestId("r1")));
        assertThat(catchThrowable(() -> start(command("hold").setRequestId("r1"))))
                .hasMessageContaining("it is not known yet whether command "
                        + all().getFirst().getId() + " runs");
        runtime.tellOfStarts();
        var found = start(command("hold").setRequestId("r1"));
        assertThat(found.getExisting()).isTrue();
        assertThat(found.getExec().getState()).isEqualTo(ExecState.EXEC_STATE_RUNNING);
        assertThat(found.getExec().getPid()).isEqualTo(runtime.lastExec().pid());
        assertThat(runtime.executed()).isEqualTo(1);
    }

    @Test
    void requestWhoseCommandIsNotFoundIsLostAndNeverRunAgain() {
        runtime.cutStarts(away, false);
        ApiFixture.fails(Reason.RUNTIME_UNAVAILABLE, () -> start(command("hold").setRequestId("r1")));
        runtime.tellOfStarts();
        for (int i = 0; i < 2; i++) {
            var lost = start(command("hold").setRequestId("r1"));
            assertThat(lost.getExisting()).isTrue();
            assertThat(lost.getExec().getExited().getOutcome().getLost().getReason())
                    .isEqualTo("it is not known whether it ran: " + away.getMessage());
        }
        assertThat(runtime.executed()).isZero();
    }

    @Test
    void callerOnAStreamComesBackToItsCommand() {
        runtime.cutStarts(away, true);
        var start = command("hold").setRequestId("r1");
        start.getOnDisconnectBuilder().getDetachBuilder();
        var cut = exec(start);
        assertThat(cut.end().getStatus().getCode().name())
                .isEqualTo(Reason.RUNTIME_UNAVAILABLE.code().name());
        runtime.tellOfStarts();
        var back = exec(start);
        assertThat(back.next().getStarted().getExisting()).isTrue();
        runtime.lastExec().write(OutputKind.STDOUT, "here".getBytes(UTF_8));
        runtime.lastExec().end(new ExitOutcome.Code(3));
        var frames = back.rest();
        assertThat(frames.getFirst().getStdout().getData().toStringUtf8()).isEqualTo("here");
        assertThat(frames.getLast().getExited().getOutcome().getCode()).isEqualTo(3);
        assertThat(frames.getLast().getExited().getPossibleGap()).isFalse();
    }

    @Test
    void commandThatNobodyComesBackForIsKilled() {
        runtime.cutStarts(away, true);
        assertThat(exec(command("hold")).end()).hasMessageContaining("the engine died");
        assertThat(runtime.lastExec().running()).isTrue();
        runtime.tellOfStarts();
        assertThat(runtime.lastExit().outcome()).isEqualTo(new ExitOutcome.Signaled(Signal.KILL));
    }

    @Test
    void commandThatNobodyAsksForAgainLeavesNothingWhenItIsNotFound() {
        runtime.cutStarts(away, false);
        assertThat(exec(command("hold")).end()).hasMessageContaining("the engine died");
        runtime.tellOfStarts();
        await().untilAsserted(() -> assertThat(all()).isEmpty());
    }

    @Test
    void requestThatWasRefusedForSureMayBeMadeAgainAtOnce() {
        runtime.failWith(away);
        ApiFixture.fails(Reason.RUNTIME_UNAVAILABLE, () -> start(command("echo").setRequestId("r1")));
        runtime.failWith(null);
        assertThat(start(command("echo").setRequestId("r1")).getExisting()).isFalse();
    }
}
