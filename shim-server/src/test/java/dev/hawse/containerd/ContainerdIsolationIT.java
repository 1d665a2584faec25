package dev.hawse.containerd;

import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.IsolationContract;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ContainerdIsolationIT extends IsolationContract {

    @RegisterExtension
    static final ContainerdEngine ENGINE = new ContainerdEngine();

    @Override
    protected ContainerRuntime runtime() {
        return ENGINE.runtime();
    }
}
