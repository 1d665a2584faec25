package dev.hawse.stream;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.DiskFailures;
import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.LogSession;
import dev.hawse.runtime.LogSink;
import dev.hawse.stream.LogTail.From;
import dev.hawse.sys.Inotify;
import dev.hawse.sys.Reactor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logs of containers, one folder each, which {@code hawse-logger} writes and this reads. Safe for use by any number of
 * threads. What says so blocks its caller on the disk; reading happens on the executor and the reactor, which are to outlive
 * this.
 */
public final class LogStore implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LogStore.class);

    private final Path root;
    private final Executor workers;
    private final Reactor reactor;
    private final Inotify inotify;
    private final ConcurrentMap<ContainerId, LogTail> open = new ConcurrentHashMap<>();

    /** Keeps logs below a folder, which is made when the first is written. */
    public LogStore(Path root, Executor workers, Reactor reactor) throws IOException {
        this.root = root;
        this.workers = workers;
        this.reactor = reactor;
        this.inotify = Inotify.open(reactor);
    }

    /** Where a container's log is to be written. Blocks: the folder is there when this returns. */
    public Path folder(ContainerId id) throws IOException {
        var folder = folderOf(id);
        folder.make();
        return folder.path();
    }

    /** Brings what the next run writes into its spool. To be called before that begins. Blocks. */
    public LogTail followNextRun(ContainerId id, Spool spool) throws IOException {
        return follow(id, spool, From.NEXT_RUN);
    }

    /** Brings what a run under way, or just over, writes from now on into its spool. Blocks. */
    public LogTail followNow(ContainerId id, Spool spool) throws IOException {
        return follow(id, spool, From.NOW);
    }

    private LogTail follow(ContainerId id, Spool spool, From from) throws IOException {
        var folder = folderOf(id);
        folder.make();
        var tail = new LogTail(folder, from, spool, reactor, inotify);
        open.put(id, tail);
        return tail;
    }

    /** Reads a log; one of a container that never ran is empty. */
    public LogSession read(ContainerId id, LogQuery query, LogSink sink) {
        return new LogReader(folderOf(id), query, sink, open.get(id), workers);
    }

    /** Takes a container's log away. Who reads it still may go on. Blocks. */
    public void remove(ContainerId id) {
        var tail = open.remove(id);
        if (tail != null) {
            tail.close();
        }
        try {
            folderOf(id).remove();
        } catch (IOException e) {
            log.warn("the log in {} could not be taken away", folderOf(id).path(), e);
            throw DiskFailures.of("the log of container " + id.shortForm() + " could not be removed", e);
        }
    }

    /** Ends the reading; writing goes on. */
    @Override
    public void close() {
        List.copyOf(open.values()).forEach(LogTail::close);
        inotify.close();
    }

    private LogFolder folderOf(ContainerId id) {
        return new LogFolder(root.resolve(id.value()));
    }
}
