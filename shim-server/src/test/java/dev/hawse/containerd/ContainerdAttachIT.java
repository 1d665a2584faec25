package dev.hawse.containerd;

import dev.hawse.runtime.AttachContract;
import dev.hawse.runtime.ContainerRuntime;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ContainerdAttachIT extends AttachContract {

    @RegisterExtension
    static final ContainerdEngine ENGINE = new ContainerdEngine();

    @Override
    protected ContainerRuntime runtime() {
        return ENGINE.runtime();
    }
}
