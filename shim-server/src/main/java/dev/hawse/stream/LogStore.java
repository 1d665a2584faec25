package dev.hawse.stream;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.LogSession;
import dev.hawse.runtime.LogSink;
import dev.hawse.runtime.Registration;
import dev.hawse.runtime.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logs of containers, one folder each. Safe for use by any number of threads. Nothing here blocks its caller but
 * {@link #remove}: writing and reading happen on the executor.
 */
public final class LogStore {

    private static final Logger log = LoggerFactory.getLogger(LogStore.class);

    private final Path root;
    private final Executor workers;
    private final ConcurrentMap<ContainerId, LogWriter> open = new ConcurrentHashMap<>();

    /** Keeps logs below a folder, which is made when the first is written. */
    public LogStore(Path root, Executor workers) {
        this.root = root;
        this.workers = workers;
    }

    /**
     * Writes everything that comes through a spool from now on, losing nothing, until the spool's story ends or the answer
     * is closed.
     */
    public Registration write(ContainerId id, Spool spool) throws IOException {
        Files.createDirectories(
                root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.createDirectories(dir(id));
        var writer = new LogWriter(LogFile.in(dir(id)), workers);
        open.put(id, writer);
        writer.onEnd(() -> open.remove(id, writer));
        writer.follow(spool);
        return writer;
    }

    /** Reads a log; one of a container that never ran is empty. */
    public LogSession read(ContainerId id, LogQuery query, LogSink sink) {
        return new LogReader(LogFile.in(dir(id)), query, sink, open.get(id), workers);
    }

    /** Takes a container's log away. */
    public void remove(ContainerId id) {
        var dir = dir(id);
        try {
            Files.deleteIfExists(LogFile.in(dir));
            Files.deleteIfExists(dir);
        } catch (IOException e) {
            log.warn("the log in {} could not be taken away", dir, e);
            throw RuntimeFailure.internal("the log of container " + id.shortForm() + " could not be removed", e);
        }
    }

    private Path dir(ContainerId id) {
        return root.resolve(id.value());
    }
}
