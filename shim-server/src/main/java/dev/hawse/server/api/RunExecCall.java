package dev.hawse.server.api;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.RunExecRequest;
import dev.hawse.api.runtime.v1.RunExecResponse;
import dev.hawse.exec.Attachment;
import dev.hawse.exec.Command;
import dev.hawse.exec.DisconnectPolicy;
import dev.hawse.exec.Exec;
import dev.hawse.exec.Execs;
import dev.hawse.exec.Joining;
import dev.hawse.exec.OutputPolicy;
import dev.hawse.exec.Viewer;
import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code ExecService.RunExec}: one command, and all it wrote up to a cap, in one answer. */
final class RunExecCall implements Viewer {

    private static final int MAX_INPUT = 3 << 20;
    private static final long MAX_OUTPUT = 16L << 20;
    private static final long OUTPUT = 1L << 20;

    private final ServerCallStreamObserver<RunExecResponse> out;
    private final RunExecRequest request;
    private final Capped stdout;
    private final Capped stderr;
    private @Nullable Attachment caller;
    private @Nullable Exec exec;
    private boolean gone;
    private boolean done;

    RunExecCall(RunExecRequest request, ServerCallStreamObserver<RunExecResponse> out) {
        var cap = request.hasMaxOutput() ? request.getMaxOutput() : OUTPUT;
        if (cap < 0 || cap > MAX_OUTPUT) {
            throw RuntimeFailure.invalid(
                    "max_output", "must be at most 16 MiB (got " + Long.toUnsignedString(cap) + " bytes)");
        }
        if (request.getStdin().size() > MAX_INPUT) {
            throw RuntimeFailure.invalid(
                    "stdin", "must be at most 3 MiB (got " + request.getStdin().size() + " bytes)");
        }
        if (request.getStart().hasOnDisconnect()) {
            throw RuntimeFailure.invalid("on_disconnect", "is not allowed: the command is killed when its caller goes");
        }
        this.request = request;
        this.out = out;
        this.stdout = new Capped(cap);
        this.stderr = new Capped(cap);
    }

    /** The first bytes of a stream. */
    private static final class Capped {
        private final long cap;
        private final ByteString.Output bytes = ByteString.newOutput();

        Capped(long cap) {
            this.cap = cap;
        }

        void add(byte[] more) {
            var room = (int) Math.min(more.length, cap - bytes.size());
            bytes.write(more, 0, room);
        }

        boolean truncated(long written) {
            return written > bytes.size();
        }
    }

    void run(Runtimes runtimes, Execs execs) {
        out.setOnCancelHandler(this::leave);
        var located = runtimes.find(request.getStart().getContainer());
        var command = command(located);
        var _ = execs.begin(
                        located.runtime().execs(),
                        command,
                        Joining.starter(command.spec().io().stdin()),
                        this)
                .thenCompose(begun -> {
                    begun(begun);
                    return begun.exec().settled();
                })
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        fail(failure);
                    }
                });
    }

    private Command command(Runtimes.Located located) {
        var start = request.getStart().toBuilder();
        start.getIoBuilder().setStdin(request.hasStdin());
        // Who asks again is to get as much as who asked first.
        if (!start.getRequestId().isEmpty() && !start.getOutput().hasHistory()) {
            start.getOutputBuilder().setHistory(Math.max(OutputPolicy.HISTORY, 2 * stdout.cap + (64 << 10)));
        }
        return ExecMapper.command(located, start.build(), DisconnectPolicy.KILL, "RunExec", request);
    }

    private void begun(Execs.Begun begun) {
        var attached = Objects.requireNonNull(begun.caller());
        boolean tooLate;
        synchronized (this) {
            caller = attached;
            exec = begun.exec();
            tooLate = gone;
        }
        if (tooLate) {
            attached.close();
            return;
        }
        attached.resumeOutput();
        // Who asks again must not give the input twice.
        if (request.hasStdin() && !begun.existing()) {
            attached.write(request.getStdin().toByteArray(), attached::endInput);
        }
    }

    private void fail(Throwable failure) {
        synchronized (this) {
            if (done) {
                return;
            }
            done = true;
        }
        leave();
        out.onError(StatusMapper.toException(failure));
    }

    private void leave() {
        Attachment attached;
        synchronized (this) {
            gone = true;
            attached = caller;
        }
        if (attached != null) {
            attached.close();
        }
    }

    @Override
    public synchronized boolean output(OutputKind stream, long offset, byte[] bytes) {
        (stream == OutputKind.STDOUT ? stdout : stderr).add(bytes);
        return true;
    }

    /** What is missing is counted as cut off. */
    @Override
    public void gap(OutputKind stream, long from, long to, GapCause cause) {}

    @Override
    public void writerLost() {}

    @Override
    public void exited(ProcessExit exit) {
        RunExecResponse answer;
        synchronized (this) {
            if (gone || done || exec == null) {
                return;
            }
            done = true;
            answer = RunExecResponse.newBuilder()
                    .setExecId(exec.hasRun() ? exec.id().value() : "")
                    .setContainerId(exec.container().value())
                    .setStdout(stdout.bytes.toByteString())
                    .setStderr(stderr.bytes.toByteString())
                    .setStdoutTruncated(stdout.truncated(exit.stdoutBytes()))
                    .setStderrTruncated(stderr.truncated(exit.stderrBytes()))
                    .setExited(ProcessMapper.exited(exit))
                    .build();
        }
        out.onNext(answer);
        out.onCompleted();
    }
}
