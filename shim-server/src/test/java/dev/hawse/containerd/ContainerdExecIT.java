package dev.hawse.containerd;

import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.ExecContract;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ContainerdExecIT extends ExecContract {

    @RegisterExtension
    static final ContainerdEngine ENGINE = new ContainerdEngine();

    @Override
    protected ContainerRuntime runtime() {
        return ENGINE.runtime();
    }
}
