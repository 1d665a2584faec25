package dev.hawse.stream;

import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.Registration;
import dev.hawse.stream.LogCursor.Place;
import dev.hawse.stream.LogCursor.Step;
import dev.hawse.stream.LogFile.Kind;
import dev.hawse.sys.Inotify;
import dev.hawse.sys.Reactor;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what one run writes to its log into its spool, in order and each byte once, until the run's records end or it is
 * told to end. When a reader holds the spool back, it stops reading, and the log takes what comes; as long as there is such a
 * reader, the log's writer waits rather than take away what was not read.
 *
 * <p>It reads on the reactor's thread, a little at a time: what was just written is in the page cache, and a change of thread
 * would cost more than the reading.
 */
public final class LogTail implements Registration {

    private static final Logger log = LoggerFactory.getLogger(LogTail.class);

    /** What is read before others have their turn. */
    private static final long TURN_BYTES = 512 << 10;

    private final LogFolder folder;
    private final LogCursor cursor;
    private final LogHold hold;
    private final Reactor reactor;
    private final Spool spool;
    private final OneAtATime work = new OneAtATime(this::work);
    private final List<Runnable> grown = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final Inotify.Watch watch;
    private boolean awaitsBegin;
    private final AtomicInteger rooms = new AtomicInteger();
    private int heldSince = -1;
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private volatile boolean ready;
    private volatile boolean closing;
    private volatile @Nullable Place end;

    /** A run that is about to begin, behind what the log has now; or the one that is under way. */
    enum From {
        NEXT_RUN,
        NOW
    }

    /**
     * Finds the end of the log, which may take a while, and watches it from then on.
     *
     * @throws IOException when the log cannot be read or watched
     */
    LogTail(LogFolder folder, From from, Spool spool, Reactor reactor, Inotify inotify) throws IOException {
        this.folder = folder;
        this.cursor = new LogCursor(folder);
        this.hold = new LogHold(folder);
        this.reactor = reactor;
        this.spool = spool;
        this.awaitsBegin = from == From.NEXT_RUN;
        this.watch = inotify.watch(folder.path(), this::schedule);
        try {
            var last = cursor.toEnd();
            keepWhatIsNeeded();
            if (!awaitsBegin) {
                gap(OutputKind.STDOUT, cursor.stdout());
                gap(OutputKind.STDERR, cursor.stderr());
                if (last != null && last.kind() == Kind.END) {
                    finish();
                    drained.complete(null);
                }
            }
        } catch (IOException | RuntimeException e) {
            free();
            throw e;
        }
        spool.onRoom(() -> {
            rooms.incrementAndGet();
            schedule();
        });
        ready = true;
        schedule();
    }

    /** Completes when the run's last byte is in the spool. */
    public CompletableFuture<Void> drained() {
        return drained.copy();
    }

    /** Completes when nothing more is read. */
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }

    /** Ends this; what was being read is in the spool when it has ended. Any thread may do so. */
    @Override
    public void close() {
        closing = true;
        schedule();
    }

    /** Calls back, on the reactor's thread, when there is more to read, and after the end. */
    Registration onGrowth(Runnable action) {
        grown.add(action);
        return () -> grown.remove(action);
    }

    /** Behind the run's last record; null while it goes on. */
    @Nullable
    Place endPlace() {
        return end;
    }

    private void schedule() {
        if (reactor.inLoop()) {
            work.run();
            return;
        }
        try {
            work.runOn(reactor);
        } catch (RejectedExecutionException e) {
            // The server ends: nothing is read any more.
            free();
        }
    }

    private void work() {
        if (!ready || end != null) {
            return;
        }
        try {
            if (closing) {
                finish();
            } else if (heldSince != rooms.get()) {
                read();
                keepWhatIsNeeded();
            } else {
                // The writer may have been in the way when this was tried last.
                keepWhatIsNeeded();
            }
        } catch (IOException | RuntimeException e) {
            log.error("the log in {} cannot be followed; what is attached to it gets no more", folder.path(), e);
            finish();
        }
        grown.forEach(Runnable::run);
    }

    private void read() throws IOException {
        for (long taken = 0; taken < TURN_BYTES; ) {
            var step = cursor.next();
            if (step == null) {
                return;
            }
            if (awaitsBegin && step.entry().kind() != Kind.BEGIN) {
                continue;
            }
            awaitsBegin = false;
            if (step.entry().kind() == Kind.END) {
                finish();
                drained.complete(null);
                return;
            }
            taken += step.entry().bytes().length;
            // Taken before: room may be made, and told, while bytes are being given.
            var seen = rooms.get();
            if (!give(step)) {
                heldSince = seen;
                if (seen == rooms.get()) {
                    return;
                }
            }
        }
        reactor.execute(this::schedule);
    }

    /** The file being read is open: what is needed besides begins behind it. */
    private void keepWhatIsNeeded() throws IOException {
        if (end != null) {
            return;
        }
        if (spool.hasLosslessReader()) {
            hold.from(cursor.place().number() + 1);
        } else {
            hold.release();
        }
    }

    private boolean give(Step step) {
        var entry = step.entry();
        gap(OutputKind.STDOUT, step.missingStdout());
        gap(OutputKind.STDERR, step.missingStderr());
        var stream = entry.stream();
        if (stream == null) {
            return true;
        }
        if (entry.hasOutput()) {
            return spool.append(stream, entry.bytes());
        }
        gap(stream, entry.count());
        return true;
    }

    private void gap(OutputKind stream, long count) {
        if (count > 0) {
            spool.gap(stream, count);
        }
    }

    private void finish() {
        end = cursor.place();
        free();
        ended.complete(null);
    }

    private void free() {
        watch.close();
        hold.close();
        try {
            cursor.close();
        } catch (IOException e) {
            log.debug("the log in {} was not closed", folder.path(), e);
        }
    }
}
