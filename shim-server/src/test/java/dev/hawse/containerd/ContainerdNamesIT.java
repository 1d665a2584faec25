package dev.hawse.containerd;

import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.NamesContract;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ContainerdNamesIT extends NamesContract {

    @RegisterExtension
    static final ContainerdEngine ENGINE = new ContainerdEngine();

    @Override
    protected ContainerRuntime runtime() {
        return ENGINE.runtime();
    }
}
