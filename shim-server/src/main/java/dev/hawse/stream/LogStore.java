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
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logs of containers, one folder each. Safe for use by any number of threads. Nothing here blocks its caller but
 * {@link #remove} and {@link #close}, and those for a bounded time: writing and reading happen on the executor, which is to
 * outlive this.
 */
public final class LogStore implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(LogStore.class);

    /** How long a disk that does not answer is waited for. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Path root;
    private final Executor workers;
    private final ConcurrentMap<ContainerId, LogWriter> open = new ConcurrentHashMap<>();

    /** Keeps logs below a folder, which is made when the first is written. */
    public LogStore(Path root, Executor workers) {
        this.root = root;
        this.workers = workers;
    }

    /**
     * Writes everything that comes through a spool from now on, losing nothing, until the spool's story ends. When the answer
     * is closed, what the spool holds by then is still written.
     */
    public Registration write(ContainerId id, Spool spool) {
        var writer = new LogWriter(file(id), workers, spool, open.get(id));
        open.put(id, writer);
        var _ = writer.end().thenRun(() -> open.remove(id, writer));
        writer.begin();
        return writer;
    }

    /** Completes when what is being written to a container's log now has been written to its end. */
    public CompletableFuture<Void> written(ContainerId id) {
        var writer = open.get(id);
        return writer == null ? CompletableFuture.completedFuture(null) : writer.end();
    }

    /** Reads a log; one of a container that never ran is empty. */
    public LogSession read(ContainerId id, LogQuery query, LogSink sink) {
        return new LogReader(file(id), query, sink, open.get(id), workers);
    }

    /** Takes a container's log away. Who reads it still may go on. */
    public void remove(ContainerId id) {
        var writer = open.get(id);
        if (writer != null) {
            // One that has not begun yet would make the file anew.
            end(List.of(writer));
        }
        try {
            Files.deleteIfExists(file(id));
            Files.deleteIfExists(dir(id));
        } catch (IOException e) {
            log.warn("the log in {} could not be taken away", dir(id), e);
            throw RuntimeFailure.internal("the log of container " + id.shortForm() + " could not be removed", e);
        }
    }

    /** Ends all logs. What the spools hold by then is written when this returns. */
    @Override
    public void close() {
        end(List.copyOf(open.values()));
    }

    private static void end(Collection<LogWriter> writers) {
        writers.forEach(LogWriter::close);
        try {
            CompletableFuture.allOf(writers.stream().map(LogWriter::end).toArray(CompletableFuture<?>[]::new))
                    .get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("not all of {} logs were written to their ends within {}", writers.size(), PATIENCE, e);
        }
    }

    private Path dir(ContainerId id) {
        return root.resolve(id.value());
    }

    private Path file(ContainerId id) {
        return dir(id).resolve("main.log");
    }
}
