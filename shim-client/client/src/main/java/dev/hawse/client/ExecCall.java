package dev.hawse.client;

import dev.hawse.api.runtime.v1.AttachExecRequest;
import dev.hawse.api.runtime.v1.ExecAttached;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecStarted;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A command in a container, over one {@code Exec} call or {@code AttachExec} calls. */
final class ExecCall extends SessionCall implements ExecSession {

    private final ConnectionEvents events;
    private final @Nullable Reattachment reattachment;
    private volatile String container;
    private volatile String execId = "";
    private volatile int pid;
    private volatile boolean existing;
    private volatile OutputOffsets headAtAttach = OutputOffsets.ZERO;

    private ExecCall(
            Connection connection, String container, boolean stdin, boolean lossy, @Nullable Duration reconnect) {
        super(new SessionState(connection, stdin, false));
        this.container = container;
        this.events = new ConnectionEvents(connection.executor());
        if (reconnect == null) {
            reattachment = null;
        } else {
            reattachment = new Reattachment(state(), connection, attachFrames(), events, reconnect, lossy);
            state().reattach(reattachment);
        }
    }

    /** Starts a command; {@code stdin} says whether input may come. */
    static ExecCall begin(Connection connection, String container, ExecSpec spec, boolean stdin) {
        var call = new ExecCall(connection, container, stdin, false, spec.reconnect());
        var start = ExecMapper.start(container, spec).toBuilder();
        start.getIoBuilder().setStdin(stdin);
        call.state()
                .connect(
                        new ExecFrames(call::started, call::writerWasLost),
                        ExecRequest.newBuilder().setStart(start).build(),
                        true);
        return call;
    }

    /** Attaches to one that was started before. */
    static ExecCall attach(Connection connection, String execId, AttachExecSpec spec) {
        var call = new ExecCall(connection, "", spec.stdin(), spec.lossy(), spec.reconnect());
        call.state()
                .connect(
                        call.attachFrames(),
                        AttachExecRequest.newBuilder()
                                .setStart(ExecMapper.attach(execId, spec))
                                .build(),
                        false);
        return call;
    }

    private AttachExecFrames attachFrames() {
        return new AttachExecFrames(this::attached, this::writerWasLost);
    }

    ExecResult collect(RunOptions options) {
        return new Collector(state(), options).collect();
    }

    // ---- frames from the server, with the session's lock ----

    private void started(ExecStarted started) {
        container = started.getContainerId();
        execId = started.getExecId();
        pid = started.getPid();
        existing = started.getExisting();
        if (!existing) {
            state().output().begin(OutputOffsets.ZERO);
        }
        if (reattachment != null) {
            reattachment.allow(execId);
        }
    }

    private void attached(ExecAttached attached) {
        var exec = attached.getExec();
        var from = ExecMapper.offsets(attached.getFrom());
        if (state().isOpened() && reattachment != null) {
            state().output().continueAt(from);
            state().headReceived();
            state().input().repeat(exec.getStdinOpen());
            reattachment.done();
            return;
        }
        container = exec.getContainerId();
        execId = exec.getId();
        pid = exec.getPid();
        existing = true;
        headAtAttach = ExecMapper.offsets(exec.getHead());
        state().output().begin(from);
        state().headReceived();
        if (reattachment != null && exec.getOnDisconnect().hasDetach()) {
            reattachment.allow(execId);
        }
    }

    private void writerWasLost() {
        state().input().loseWriter();
        events.tell(ConnectionListener::writerLost);
    }

    // ---- what the caller sees ----

    @Override
    public String containerId() {
        return container;
    }

    @Override
    public String execId() {
        return execId;
    }

    @Override
    public int pid() {
        return pid;
    }

    @Override
    public boolean existing() {
        return existing;
    }

    @Override
    public OutputOffsets headAtAttach() {
        return headAtAttach;
    }

    @Override
    public OutputOffsets delivered() {
        return state().output().delivered();
    }

    @Override
    public boolean writerLost() {
        return state().isWriterLost();
    }

    @Override
    public void onConnection(ConnectionListener listener) {
        events.listen(listener);
    }
}
