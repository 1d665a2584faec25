package dev.hawse.client;

import dev.hawse.api.runtime.v1.AttachContainerRequest;
import dev.hawse.api.runtime.v1.AttachContainerStart;
import dev.hawse.api.runtime.v1.ContainerAttached;

/** A container's main process, over one {@code AttachContainer} call. */
final class AttachCall extends SessionCall implements AttachSession {

    private final String container;
    private volatile ContainerAttached attached = ContainerAttached.getDefaultInstance();

    private AttachCall(Connection connection, String container, AttachSpec spec) {
        super(new SessionState(connection, spec.stdin(), false));
        this.container = container;
    }

    static AttachCall begin(Connection connection, String container, AttachSpec spec) {
        var call = new AttachCall(connection, container, spec);
        var start = AttachContainerStart.newBuilder().setContainer(container).setStdin(spec.stdin());
        if (spec.size() != null) {
            start.setSize(ProcessMapper.size(spec.size()));
        }
        call.state()
                .connect(
                        new AttachFrames(attached -> call.attached = attached),
                        AttachContainerRequest.newBuilder().setStart(start).build(),
                        true);
        return call;
    }

    @Override
    public String containerId() {
        return attached.getContainerId().isEmpty() ? container : attached.getContainerId();
    }

    @Override
    public boolean terminal() {
        return attached.getTerminal();
    }

    @Override
    public boolean stdinOpen() {
        return attached.getStdinOpen();
    }
}
