package dev.hawse.containerd;

import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.PauseContract;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ContainerdPauseIT extends PauseContract {

    @RegisterExtension
    static final ContainerdEngine ENGINE = new ContainerdEngine();

    @Override
    protected ContainerRuntime runtime() {
        return ENGINE.runtime();
    }
}
