package dev.hawse.containerd;

import dev.hawse.runtime.BindPolicy;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.Mount;
import dev.hawse.runtime.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Holds a container's bind mounts to the policy, twice: by their names before anything is made, and by what is mounted
 * in the container before its program runs. Between the two, whoever can write to a folder on the way can put a link
 * there; the OCI runtime follows it, and the second look finds where it led.
 */
final class BindSources {

    /** What containers have mounted without being asked. */
    private static final List<Path> OWN = List.of(Path.of("/"), Path.of("/etc/hosts"), Path.of("/etc/resolv.conf"));

    private static final List<Path> OWN_TREES = List.of(Path.of("/dev"), Path.of("/proc"), Path.of("/sys"));

    private BindSources() {}

    /** @throws RuntimeFailure for the first source that is not there or not allowed */
    static void check(ContainerSpec spec, BindPolicy policy) {
        for (int i = 0; i < spec.mounts().size(); i++) {
            if (spec.mounts().get(i) instanceof Mount.Bind bind) {
                policy.check(field(i), bind.source());
            }
        }
    }

    /**
     * Looks at what a container has mounted.
     *
     * @param pid its main process, whose program has not begun
     * @throws RuntimeFailure when a mount that was asked for, or one that came along in it, is not allowed
     */
    static void checkMounted(ContainerSpec spec, long pid, BindPolicy policy) {
        if (spec.mounts().stream().noneMatch(Mount.Bind.class::isInstance)) {
            return;
        }
        var ofHost = mounts("self");
        for (var mount : mounts(Long.toString(pid))) {
            var index = askedFor(mount.point(), spec.mounts());
            if (index >= 0 && spec.mounts().get(index) instanceof Mount.Bind bind) {
                judge(field(index), bind, mount, ofHost, policy);
            }
        }
    }

    /**
     * Which mount this came from, -1 for none: the nearest target above it. An image can make a target a link, so what is
     * found where no container has anything by itself came from a mount too, whichever.
     */
    private static int askedFor(Path point, List<Mount> asked) {
        int found = -1;
        int firstBind = -1;
        for (int i = 0; i < asked.size(); i++) {
            var target = Path.of(asked.get(i).target()).normalize();
            if (point.startsWith(target)
                    && (found < 0
                            || target.getNameCount()
                                    > Path.of(asked.get(found).target())
                                            .normalize()
                                            .getNameCount())) {
                found = i;
            }
            if (firstBind < 0 && asked.get(i) instanceof Mount.Bind) {
                firstBind = i;
            }
        }
        return found >= 0 || OWN.contains(point) || OWN_TREES.stream().anyMatch(point::startsWith) ? found : firstBind;
    }

    /** What was mounted has a name on the host wherever the host has mounted a folder that it lies in. */
    private static void judge(
            String field, Mount.Bind bind, MountInfo mounted, List<MountInfo> ofHost, BindPolicy policy) {
        for (var mount : ofHost) {
            if (mount.device().equals(mounted.device()) && mounted.root().startsWith(mount.root())) {
                var onHost = mount.point()
                        .resolve(mount.root().relativize(mounted.root()))
                        .normalize();
                if (!policy.allows(onHost)) {
                    throw policy.denied(field, bind.source(), onHost);
                }
            }
        }
    }

    private static String field(int index) {
        return "mounts[" + index + "].bind.source";
    }

    private static List<MountInfo> mounts(String process) {
        var file = Path.of("/proc", process, "mountinfo");
        try {
            return Files.readAllLines(file).stream().map(MountInfo::parse).toList();
        } catch (IOException e) {
            throw RuntimeFailure.internal("what is mounted cannot be told: " + file + ": " + e.getMessage(), e);
        }
    }
}
