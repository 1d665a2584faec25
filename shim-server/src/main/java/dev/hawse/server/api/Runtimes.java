package dev.hawse.server.api;

import dev.hawse.runtime.Container;
import dev.hawse.runtime.ContainerRuntime;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.RuntimeKind;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The engines that are configured, which of them new work goes to, and which has what. Safe for any number of threads. */
public final class Runtimes {

    private final List<ContainerRuntime> all;

    /** @param all at most one of each kind; the first is the active one */
    public Runtimes(List<ContainerRuntime> all) {
        this.all = List.copyOf(all);
    }

    List<ContainerRuntime> all() {
        return all;
    }

    /** The engine that new work goes to. */
    ContainerRuntime active() {
        if (all.isEmpty()) {
            throw RuntimeFailure.of(Reason.RUNTIME_NOT_CONFIGURED, "no runtime is configured");
        }
        return all.getFirst();
    }

    /** The engine that a request's field {@code runtime} asks for, or the active one. */
    ContainerRuntime choose(dev.hawse.api.runtime.v1.RuntimeKind asked) {
        var kind = RuntimeMapper.kind("runtime", asked);
        if (kind == null) {
            return active();
        }
        return all.stream()
                .filter(r -> r.kind() == kind)
                .findFirst()
                .orElseThrow(() -> RuntimeFailure.of(
                        Reason.RUNTIME_NOT_CONFIGURED,
                        "runtime: " + kind + " is not configured; configured are " + kinds(),
                        Map.of("runtime", kind.name())));
    }

    /** The container with this id, unique id prefix or name, and the engine that has it: the active one is asked first. */
    Located find(String idOrName) {
        if (idOrName.isEmpty()) {
            throw RuntimeFailure.invalid("container", "is required: an id, a unique prefix of one, or a name");
        }
        @Nullable RuntimeFailure unavailable = null;
        for (var runtime : all) {
            try {
                return new Located(runtime, runtime.containers().get(idOrName));
            } catch (RuntimeFailure e) {
                switch (e.reason()) {
                    case CONTAINER_NOT_FOUND -> {}
                    case RUNTIME_UNAVAILABLE, RUNTIME_TIMEOUT -> unavailable = e;
                    default -> throw e;
                }
            }
        }
        throw unavailable != null ? unavailable : RuntimeFailure.containerNotFound(idOrName);
    }

    private List<RuntimeKind> kinds() {
        return all.stream().map(ContainerRuntime::kind).toList();
    }

    /** A container and the engine that has it. */
    record Located(ContainerRuntime runtime, Container container) {}
}
