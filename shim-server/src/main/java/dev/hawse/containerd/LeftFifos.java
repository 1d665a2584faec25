package dev.hawse.containerd;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExecId;
import dev.hawse.sys.Fd;
import dev.hawse.sys.Fifo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The FIFOs of commands of an earlier life of this server, held open until somebody takes them over or away. A shim that is
 * in the middle of a start waits for the other end of each FIFO to be opened, and as long as it waits it tells no end of any
 * process of its container (containerd 1.6); once the FIFO is gone nobody can open it any more. Safe for use by any number of
 * threads.
 */
final class LeftFifos implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LeftFifos.class);

    /** Names that are not of containers' main processes. */
    private static final String COMMANDS = "*.*";

    private final Map<Path, List<Fd>> held = new ConcurrentHashMap<>();

    private LeftFifos() {}

    /** Where a command's FIFOs are. */
    static Path dir(Path root, ContainerId container, ExecId exec) {
        return root.resolve(exec + "." + container.shortForm());
    }

    /** The command whose FIFOs are in a folder; null for none. */
    static @Nullable ExecId execOf(Path dir) {
        var name = String.valueOf(dir.getFileName());
        return ExecId.parse(name.substring(0, Math.max(0, name.indexOf('.'))));
    }

    /** The beginning of the id of the command's container. */
    static String containerOf(Path dir) {
        var name = String.valueOf(dir.getFileName());
        return name.substring(name.indexOf('.') + 1);
    }

    static LeftFifos open(Path root) {
        var left = new LeftFifos();
        try (var dirs = Files.newDirectoryStream(root, COMMANDS)) {
            for (var dir : dirs) {
                if (execOf(dir) != null && Files.isDirectory(dir, LinkOption.NOFOLLOW_LINKS)) {
                    left.hold(dir);
                }
            }
        } catch (IOException e) {
            log.warn("FIFOs left in {} could not be opened: {}", root, e.getMessage());
        }
        return left;
    }

    private void hold(Path dir) throws IOException {
        var fds = new ArrayList<Fd>();
        held.put(dir, fds);
        try (var fifos = Files.newDirectoryStream(dir)) {
            for (var fifo : fifos) {
                if (fifo.endsWith(Stdio.ENDING)) {
                    continue;
                }
                fds.add(Fifo.openReadWriteGuard(fifo));
            }
        }
    }

    /** Those that are still held. */
    List<Path> dirs() {
        return List.copyOf(held.keySet());
    }

    /** Somebody else holds them open now, or nobody waits for them any more. */
    void letGo(Path dir) {
        var fds = held.remove(dir);
        if (fds != null) {
            fds.forEach(Fd::close);
        }
    }

    @Override
    public void close() {
        dirs().forEach(this::letGo);
    }
}
