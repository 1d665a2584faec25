package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.AttachExecRequest;
import dev.hawse.api.runtime.v1.AttachExecResponse;
import dev.hawse.api.runtime.v1.AttachExecStart;
import dev.hawse.api.runtime.v1.DetachOnDisconnect;
import dev.hawse.api.runtime.v1.DisconnectPolicy;
import dev.hawse.api.runtime.v1.Exec;
import dev.hawse.api.runtime.v1.ExecAttached;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.ExitOutcome;
import dev.hawse.api.runtime.v1.OutputChunk;
import dev.hawse.api.runtime.v1.ProcessExited;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * One command that writes patterns of a known length to both outputs and goes on for whoever attaches; at random, so
 * often at most, its calls break.
 */
final class FakeCommand extends ExecServiceGrpc.ExecServiceImplBase {

    /** The pattern of standard error begins here. */
    static final long STDERR = 1 << 20;

    final List<AttachExecStart> attached = Collections.synchronizedList(new ArrayList<>());
    private final Random random;
    private final int stdoutSize;
    private final int stderrSize;
    private final AtomicInteger cuts;

    /** How many bytes of standard output may be written by now; the rest waits. */
    volatile long mayWrite = Long.MAX_VALUE;

    FakeCommand(long seed, int stdoutSize, int stderrSize, int cuts) {
        this.random = new Random(seed);
        this.stdoutSize = stdoutSize;
        this.stderrSize = stderrSize;
        this.cuts = new AtomicInteger(cuts);
    }

    static AttachExecResponse attachedFrame(long stdout, long stderr, boolean mayBeLeft) {
        var policy = DisconnectPolicy.newBuilder();
        if (mayBeLeft) {
            policy.setDetach(DetachOnDisconnect.getDefaultInstance());
        }
        return AttachExecResponse.newBuilder()
                .setAttached(ExecAttached.newBuilder()
                        .setExec(Exec.newBuilder()
                                .setId(FakeExec.EXEC_ID)
                                .setContainerId("c".repeat(64))
                                .setPid(42)
                                .setStdinOpen(true)
                                .setHead(offsets(500, 0))
                                .setOnDisconnect(policy))
                        .setFrom(offsets(stdout, stderr)))
                .build();
    }

    static dev.hawse.api.runtime.v1.OutputOffsets offsets(long stdout, long stderr) {
        return dev.hawse.api.runtime.v1.OutputOffsets.newBuilder()
                .setStdout(stdout)
                .setStderr(stderr)
                .build();
    }

    @Override
    public StreamObserver<ExecRequest> exec(StreamObserver<ExecResponse> responses) {
        return FakeStream.open(responses, s -> {
            s.next();
            s.send(FakeExec.startedFrame());
            write(
                    s,
                    0,
                    0,
                    chunk -> ExecResponse.newBuilder().setStdout(chunk).build(),
                    chunk -> ExecResponse.newBuilder().setStderr(chunk).build(),
                    exit -> ExecResponse.newBuilder().setExited(exit).build());
        });
    }

    @Override
    public StreamObserver<AttachExecRequest> attachExec(StreamObserver<AttachExecResponse> responses) {
        return FakeStream.open(responses, s -> {
            var start = s.next().getStart();
            attached.add(start);
            if (cuts.get() > 0 && random.nextInt(3) == 0) {
                cuts.decrementAndGet();
                throw Status.UNAVAILABLE.asException();
            }
            var from = start.getOffsets();
            s.send(attachedFrame(from.getStdout(), from.getStderr(), true));
            write(
                    s,
                    from.getStdout(),
                    from.getStderr(),
                    chunk -> AttachExecResponse.newBuilder().setStdout(chunk).build(),
                    chunk -> AttachExecResponse.newBuilder().setStderr(chunk).build(),
                    exit -> AttachExecResponse.newBuilder().setExited(exit).build());
        });
    }

    private <Q, R> void write(
            FakeStream<Q, R> s,
            long stdout,
            long stderr,
            Function<OutputChunk, R> out,
            Function<OutputChunk, R> err,
            Function<ProcessExited, R> exited)
            throws Exception {
        while (stdout < stdoutSize || stderr < stderrSize) {
            if (cuts.get() > 0 && random.nextInt(8) == 0) {
                cuts.decrementAndGet();
                throw Status.UNAVAILABLE.withDescription("cut").asException();
            }
            while (stdout >= mayWrite) {
                Thread.sleep(1);
            }
            boolean first = stderr == stderrSize || (stdout < stdoutSize && random.nextBoolean());
            int size = 1 + random.nextInt(20_000);
            if (first) {
                size = (int) Math.min(size, stdoutSize - stdout);
                s.send(out.apply(chunk(stdout, FakeExec.pattern(stdout, size))));
                stdout += size;
            } else {
                size = (int) Math.min(size, stderrSize - stderr);
                s.send(err.apply(chunk(stderr, FakeExec.pattern(STDERR + stderr, size))));
                stderr += size;
            }
        }
        s.send(exited.apply(ProcessExited.newBuilder()
                .setOutcome(ExitOutcome.newBuilder().setCode(5))
                .build()));
    }

    static OutputChunk chunk(long offset, ByteString data) {
        return OutputChunk.newBuilder().setOffset(offset).setData(data).build();
    }
}
