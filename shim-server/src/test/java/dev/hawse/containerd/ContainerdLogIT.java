package dev.hawse.containerd;

import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.LogContract;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ContainerdLogIT extends LogContract {

    @RegisterExtension
    static final ContainerdEngine ENGINE = new ContainerdEngine();

    @Override
    protected ContainerRuntime runtime() {
        return ENGINE.runtime();
    }
}
