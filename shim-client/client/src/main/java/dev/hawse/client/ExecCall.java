package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.ExecStarted;
import dev.hawse.api.runtime.v1.SignalFrame;
import dev.hawse.api.runtime.v1.StdinEof;
import dev.hawse.client.HawseException.Code;

/** A command in a container, over one {@code Exec} call. */
final class ExecCall extends SessionCall<ExecRequest, ExecResponse> implements ExecSession {

    private final String container;
    private final ExecSpec spec;
    private volatile ExecStarted started = ExecStarted.getDefaultInstance();

    private ExecCall(Connection connection, String container, ExecSpec spec, boolean stdin) {
        super(connection, connection.call(ExecServiceGrpc.getExecMethod(), spec.timeout()), stdin, false);
        this.container = container;
        this.spec = spec;
    }

    /** Starts a command; {@code stdin} says whether input may come. */
    static ExecCall begin(Connection connection, String container, ExecSpec spec, boolean stdin) {
        var call = new ExecCall(connection, container, spec, stdin);
        var start = ProcessMapper.start(container, spec).toBuilder();
        start.getIoBuilder().setStdin(stdin);
        call.start(ExecRequest.newBuilder().setStart(start).build());
        return call;
    }

    @Override
    public String containerId() {
        return started.getContainerId().isEmpty() ? container : started.getContainerId();
    }

    @Override
    public String execId() {
        return started.getExecId();
    }

    @Override
    public int pid() {
        return started.getPid();
    }

    @Override
    void received(ExecResponse frame) {
        switch (frame.getFrameCase()) {
            case STARTED -> {
                started = frame.getStarted();
                headReceived();
            }
            case STDOUT -> outputReceived(OutputKind.STDOUT, frame.getStdout().getData());
            case STDERR -> outputReceived(OutputKind.STDERR, frame.getStderr().getData());
            case GAP -> gapReceived(frame.getGap().getTo() - frame.getGap().getFrom());
            case EXITED -> exitReceived(frame.getExited());
            case FRAME_NOT_SET -> {
                // A newer server tells more than this client knows.
            }
        }
    }

    @Override
    HawseException explain(HawseException e) {
        return e.code() == Code.TIMEOUT && spec.timeout() != null
                ? new HawseException(
                        Code.TIMEOUT, "the command did not end within " + spec.timeout() + " and was killed", e)
                : e;
    }

    @Override
    ExecRequest inputFrame(ByteString data) {
        return ExecRequest.newBuilder().setStdin(data).build();
    }

    @Override
    ExecRequest eofFrame() {
        return ExecRequest.newBuilder()
                .setStdinEof(StdinEof.getDefaultInstance())
                .build();
    }

    @Override
    ExecRequest resizeFrame(TerminalSize size) {
        return ExecRequest.newBuilder().setResize(ProcessMapper.size(size)).build();
    }

    @Override
    ExecRequest signalFrame(String signal) {
        return ExecRequest.newBuilder()
                .setSignal(SignalFrame.newBuilder().setSignal(signal))
                .build();
    }
}
