package dev.hawse.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hawse.api.runtime.v1.AttachExecRequest;
import dev.hawse.api.runtime.v1.AttachExecResponse;
import dev.hawse.api.runtime.v1.DetachOnDisconnect;
import dev.hawse.api.runtime.v1.DisconnectPolicy;
import dev.hawse.api.runtime.v1.Exec;
import dev.hawse.api.runtime.v1.ExecAttached;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.ExecStarted;
import dev.hawse.api.runtime.v1.ExecState;
import dev.hawse.api.runtime.v1.ExitOutcome;
import dev.hawse.api.runtime.v1.GetExecRequest;
import dev.hawse.api.runtime.v1.GetExecResponse;
import dev.hawse.api.runtime.v1.ListExecsRequest;
import dev.hawse.api.runtime.v1.ListExecsResponse;
import dev.hawse.api.runtime.v1.OutputChunk;
import dev.hawse.api.runtime.v1.OutputOffsets;
import dev.hawse.api.runtime.v1.ProcessExited;
import dev.hawse.api.runtime.v1.SignalExecRequest;
import dev.hawse.api.runtime.v1.SignalExecResponse;
import dev.hawse.api.runtime.v1.SpawnFailure;
import dev.hawse.api.runtime.v1.SpawnFailureKind;
import dev.hawse.api.runtime.v1.StartExecRequest;
import dev.hawse.api.runtime.v1.StartExecResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.List;

/** Knows one command, and a few programs: echo, fail, late, cat, exit N, signal N, nope. */
final class FakeExecs extends ExecServiceGrpc.ExecServiceImplBase {

    private final List<Object> requests;

    FakeExecs(List<Object> requests) {
        this.requests = requests;
    }

    static Exec.Builder command() {
        return Exec.newBuilder()
                .setId(FakeHawse.ID)
                .setContainerId(FakeHawse.ID)
                .addArgs("sh")
                .addArgs("-c")
                .addArgs("\u001b[2J")
                .setState(ExecState.EXEC_STATE_RUNNING)
                .setPid(42)
                .setStdinOpen(true)
                .setViewers(1)
                .setCreatedAt(Timestamp.newBuilder().setSeconds(System.currentTimeMillis() / 1000 - 301))
                .setStartedAt(Timestamp.newBuilder().setSeconds(System.currentTimeMillis() / 1000 - 301))
                .setHead(OutputOffsets.newBuilder().setStdout(4))
                .setOnDisconnect(DisconnectPolicy.newBuilder().setDetach(DetachOnDisconnect.getDefaultInstance()));
    }

    @Override
    public StreamObserver<ExecRequest> exec(StreamObserver<ExecResponse> out) {
        return new Command(out);
    }

    @Override
    public void startExec(StartExecRequest request, StreamObserver<StartExecResponse> out) {
        requests.add(request);
        var exec = command();
        if (request.getStart().getArgs(0).equals("nope")) {
            exec.setState(ExecState.EXEC_STATE_EXITED)
                    .setExited(ProcessExited.newBuilder()
                            .setOutcome(ExitOutcome.newBuilder().setSpawnFailure(noSuchProgram())));
        }
        FakeHawse.answer(out, StartExecResponse.newBuilder().setExec(exec).build());
    }

    @Override
    public void getExec(GetExecRequest request, StreamObserver<GetExecResponse> out) {
        if (request.getExecId().equals("gone")) {
            out.onError(Status.NOT_FOUND.withDescription("no command gone").asRuntimeException());
        } else {
            FakeHawse.answer(
                    out, GetExecResponse.newBuilder().setExec(command()).build());
        }
    }

    @Override
    public void listExecs(ListExecsRequest request, StreamObserver<ListExecsResponse> out) {
        requests.add(request);
        FakeHawse.answer(out, ListExecsResponse.newBuilder().addExecs(command()).build());
    }

    @Override
    public void signalExec(SignalExecRequest request, StreamObserver<SignalExecResponse> out) {
        requests.add(request);
        FakeHawse.answer(out, SignalExecResponse.getDefaultInstance());
    }

    @Override
    public StreamObserver<AttachExecRequest> attachExec(StreamObserver<AttachExecResponse> out) {
        return new Attachment(out);
    }

    private static SpawnFailure noSuchProgram() {
        return SpawnFailure.newBuilder()
                .setKind(SpawnFailureKind.SPAWN_FAILURE_KIND_NOT_FOUND)
                .setMessage("exec nope: no such file or directory")
                .build();
    }

    /** Wrote "old\n" before, echoes its input, and breaks the first connection that sends "cut". */
    private final class Attachment implements StreamObserver<AttachExecRequest> {
        private final StreamObserver<AttachExecResponse> out;
        private long offset;

        Attachment(StreamObserver<AttachExecResponse> out) {
            this.out = out;
        }

        @Override
        public void onNext(AttachExecRequest frame) {
            requests.add(frame);
            switch (frame.getFrameCase()) {
                case START -> {
                    offset = frame.getStart().getOffsets().getStdout();
                    out.onNext(AttachExecResponse.newBuilder()
                            .setAttached(ExecAttached.newBuilder()
                                    .setExec(command())
                                    .setFrom(OutputOffsets.newBuilder().setStdout(offset)))
                            .build());
                    if (offset == 0) {
                        write(ByteString.copyFromUtf8("old\n"));
                    }
                    if (!frame.getStart().getStdin()) {
                        exit();
                    }
                }
                case STDIN -> {
                    write(frame.getStdin());
                    if (frame.getStdin().toStringUtf8().equals("cut")) {
                        out.onError(Status.UNAVAILABLE.asRuntimeException());
                    }
                }
                case STDIN_EOF -> exit();
                case RESIZE, SIGNAL, FRAME_NOT_SET -> {}
            }
        }

        private void write(ByteString data) {
            out.onNext(AttachExecResponse.newBuilder()
                    .setStdout(OutputChunk.newBuilder().setOffset(offset).setData(data))
                    .build());
            offset += data.size();
        }

        private void exit() {
            FakeHawse.answer(
                    out,
                    AttachExecResponse.newBuilder()
                            .setExited(ProcessExited.newBuilder()
                                    .setOutcome(ExitOutcome.newBuilder().setCode(6)))
                            .build());
        }

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onCompleted() {}
    }

    private final class Command implements StreamObserver<ExecRequest> {
        private final StreamObserver<ExecResponse> out;

        Command(StreamObserver<ExecResponse> out) {
            this.out = out;
        }

        @Override
        public void onNext(ExecRequest frame) {
            requests.add(frame);
            switch (frame.getFrameCase()) {
                case START -> start(frame.getStart().getArgsList());
                case STDIN -> out.onNext(stdout(frame.getStdin()));
                case STDIN_EOF -> exit(ExitOutcome.newBuilder().setCode(0));
                case RESIZE, SIGNAL, FRAME_NOT_SET -> {}
            }
        }

        private void start(List<String> args) {
            if (args.getFirst().equals("nope")) {
                exit(ExitOutcome.newBuilder().setSpawnFailure(noSuchProgram()));
                return;
            }
            out.onNext(ExecResponse.newBuilder()
                    .setStarted(ExecStarted.newBuilder().setExecId(FakeHawse.ID).setContainerId(FakeHawse.ID))
                    .build());
            switch (args.getFirst()) {
                case "echo" -> {
                    out.onNext(stdout(ByteString.copyFromUtf8(String.join(" ", args.subList(1, args.size())) + "\n")));
                    out.onNext(ExecResponse.newBuilder()
                            .setStderr(OutputChunk.newBuilder().setData(ByteString.copyFromUtf8("told\n")))
                            .build());
                    exit(ExitOutcome.newBuilder().setCode(0));
                }
                case "exit" -> exit(ExitOutcome.newBuilder().setCode(Integer.parseInt(args.get(1))));
                case "signal" -> exit(ExitOutcome.newBuilder().setSignal(Integer.parseInt(args.get(1))));
                case "late" ->
                    exit(ProcessExited.newBuilder()
                            .setOutcome(ExitOutcome.newBuilder().setCode(143))
                            .setTimedOut(true));
                case "fail" ->
                    out.onError(Status.UNAVAILABLE
                            .withDescription("shim\u001b[2J gone")
                            .asRuntimeException());
                default -> {}
            }
        }

        private static ExecResponse stdout(ByteString data) {
            return ExecResponse.newBuilder()
                    .setStdout(OutputChunk.newBuilder().setData(data))
                    .build();
        }

        private void exit(ExitOutcome.Builder outcome) {
            exit(ProcessExited.newBuilder().setOutcome(outcome));
        }

        private void exit(ProcessExited.Builder how) {
            FakeHawse.answer(out, ExecResponse.newBuilder().setExited(how).build());
        }

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onCompleted() {}
    }
}
