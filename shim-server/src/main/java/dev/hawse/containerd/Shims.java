package dev.hawse.containerd;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.RuntimeFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The shims of our containers as the kernel shows them. containerd forgets one that did not answer in time when its caller
 * had gone, as a server that was killed while the OCI runtime hung (containerd 1.6): nobody can end it then but by its pid.
 * Only shims of our namespace with ids that we make are ever touched.
 */
final class Shims {

    private static final Logger log = LoggerFactory.getLogger(Shims.class);
    private static final String PROGRAM = "containerd-shim-";
    private static final Duration GRACE_STEP = Duration.ofMillis(20);
    private static final int GRACE_STEPS = 50;

    private final String namespace;

    Shims(String namespace) {
        this.namespace = namespace;
    }

    private record Shim(ProcessHandle process, ContainerId id) {}

    /** Ends the shim of a container for which containerd says that there is no task, with all that it has begun. */
    void end(ContainerId id) {
        end(shim -> shim.id().equals(id));
    }

    /** Ends the shims of containers of ours that containerd knows no task of. */
    void endAllBut(Set<String> tasks) {
        end(shim -> !tasks.contains(shim.id().value()));
    }

    /** One that is on its way out already is let go. */
    private void end(Predicate<Shim> which) {
        var found = all().stream().filter(which).toList();
        found.forEach(shim -> awaitEnd(shim.process()));
        for (var shim : found) {
            var process = shim.process();
            if (process.isAlive()) {
                log.warn("ending shim {} of container {}, which containerd does not know", process.pid(), shim.id());
                // First what it has begun: that goes on without it, and then nobody could tell whose it is.
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                // Asked kindly, it takes its socket away.
                process.destroy();
                if (!awaitEnd(process)) {
                    process.destroyForcibly();
                }
            }
        }
    }

    private static boolean awaitEnd(ProcessHandle process) {
        for (int i = 0; i < GRACE_STEPS && process.isAlive(); i++) {
            LockSupport.parkNanos(GRACE_STEP.toNanos());
        }
        return !process.isAlive();
    }

    private List<Shim> all() {
        var found = new ArrayList<Shim>();
        try {
            for (var pid : ProcFs.pids()) {
                var id = containerOf(ProcFs.arguments(pid));
                if (id != null) {
                    ProcessHandle.of(pid).ifPresent(handle -> found.add(new Shim(handle, id)));
                }
            }
        } catch (RuntimeFailure e) {
            log.warn("shims could not be looked for: {}", e.getMessage());
        }
        return found;
    }

    private @Nullable ContainerId containerOf(List<String> arguments) {
        var program = arguments.isEmpty() ? "" : arguments.getFirst();
        var id = after("-id", arguments);
        return program.substring(program.lastIndexOf('/') + 1).startsWith(PROGRAM)
                        && after("-namespace", arguments).equals(namespace)
                        && ContainerId.isWhole(id)
                ? new ContainerId(id)
                : null;
    }

    private static String after(String flag, List<String> arguments) {
        var at = arguments.indexOf(flag) + 1;
        return at > 0 && at < arguments.size() ? arguments.get(at) : "";
    }
}
