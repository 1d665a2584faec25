package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.AttachExecRequest;
import dev.hawse.api.runtime.v1.AttachExecResponse;
import dev.hawse.api.runtime.v1.ExecMode;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.ExecStarted;
import dev.hawse.api.runtime.v1.ExitOutcome;
import dev.hawse.api.runtime.v1.OutputChunk;
import dev.hawse.api.runtime.v1.ProcessExited;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicInteger;

/** An exec service in which every command does what a script says, once it has started. */
final class FakeExec extends ExecServiceGrpc.ExecServiceImplBase {

    static final String EXEC_ID = "e".repeat(64);

    private final FakeStream.Script<ExecRequest, ExecResponse> script;

    private final FakeStream.Script<AttachExecRequest, AttachExecResponse> attachScript;
    final AtomicInteger attaches = new AtomicInteger();

    private FakeExec(
            FakeStream.Script<ExecRequest, ExecResponse> script,
            FakeStream.Script<AttachExecRequest, AttachExecResponse> attachScript) {
        this.script = script;
        this.attachScript = attachScript;
    }

    /** What each attached call does, from its first frame on. */
    static FakeExec attached(FakeStream.Script<AttachExecRequest, AttachExecResponse> script) {
        return new FakeExec(FakeStream::next, script);
    }

    /** Reads the first frame and answers that the command runs before the script begins. */
    static FakeExec started(FakeStream.Script<ExecRequest, ExecResponse> script) {
        return new FakeExec(
                s -> {
                    s.next();
                    s.send(startedFrame());
                    script.run(s);
                },
                FakeStream::next);
    }

    static FakeExec raw(FakeStream.Script<ExecRequest, ExecResponse> script) {
        return new FakeExec(script, FakeStream::next);
    }

    @Override
    public StreamObserver<ExecRequest> exec(StreamObserver<ExecResponse> responses) {
        return FakeStream.open(responses, script);
    }

    @Override
    public StreamObserver<AttachExecRequest> attachExec(StreamObserver<AttachExecResponse> responses) {
        attaches.incrementAndGet();
        return FakeStream.open(responses, attachScript);
    }

    static ExecResponse startedFrame() {
        return ExecResponse.newBuilder()
                .setStarted(ExecStarted.newBuilder()
                        .setExecId(EXEC_ID)
                        .setContainerId("c".repeat(64))
                        .setPid(42)
                        .setMode(ExecMode.EXEC_MODE_RUNTIME))
                .build();
    }

    static ExecResponse stdout(ByteString data) {
        return ExecResponse.newBuilder()
                .setStdout(OutputChunk.newBuilder().setData(data))
                .build();
    }

    static ExecResponse stdout(String data) {
        return stdout(ByteString.copyFromUtf8(data));
    }

    static ExecResponse stderr(ByteString data) {
        return ExecResponse.newBuilder()
                .setStderr(OutputChunk.newBuilder().setData(data))
                .build();
    }

    static ExecResponse stderr(String data) {
        return stderr(ByteString.copyFromUtf8(data));
    }

    static ExecResponse exited(int code) {
        return ExecResponse.newBuilder()
                .setExited(ProcessExited.newBuilder()
                        .setOutcome(ExitOutcome.newBuilder().setCode(code)))
                .build();
    }

    /** Bytes that differ by place, so that a lost or swapped chunk shows. */
    static ByteString pattern(long offset, int size) {
        var bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = at(offset + i);
        }
        return ByteString.copyFrom(bytes);
    }

    static byte at(long offset) {
        return (byte) (offset ^ (offset >>> 8) ^ (offset >>> 16));
    }
}
