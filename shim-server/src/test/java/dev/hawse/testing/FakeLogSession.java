package dev.hawse.testing;

import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.LogSession;
import dev.hawse.runtime.LogSink;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessSession;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Reads what a process in memory wrote, and what it writes from now on when it is followed. */
final class FakeLogSession implements LogSession {

    private final LogSink sink;
    private final LogQuery query;
    private final Queue<FakeProcess.Chunk> past = new ArrayDeque<>();
    private final @Nullable ProcessSession following;
    private boolean ended;

    FakeLogSession(FakeProcess process, LogQuery query, LogSink sink) {
        this.sink = sink;
        this.query = query;
        process.log().stream()
                .filter(chunk -> wanted(chunk.stream(), chunk.time()))
                .forEach(past::add);
        while (query.tail() != null && past.size() > query.tail()) {
            past.remove();
        }
        this.following = query.follow() && process.running() ? process.session(new Follower(), false) : null;
    }

    @Override
    public synchronized void resume() {
        while (!ended && !past.isEmpty()) {
            var chunk = past.remove();
            if (!sink.record(chunk.stream(), chunk.time(), chunk.bytes())) {
                return;
            }
        }
        if (following != null) {
            following.resumeOutput();
        } else {
            finish();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            ended = true;
        }
        if (following != null) {
            following.close();
        }
    }

    private boolean wanted(OutputKind stream, Instant time) {
        return query.streams().contains(stream)
                && (query.since() == null || !time.isBefore(query.since()))
                && (query.until() == null || time.isBefore(query.until()));
    }

    private synchronized void finish() {
        if (!ended) {
            ended = true;
            sink.end(null);
        }
    }

    private final class Follower implements OutputSink {
        @Override
        public boolean output(OutputKind stream, long offset, byte[] bytes) {
            var now = Instant.now();
            return !wanted(stream, now) || sink.record(stream, now, bytes);
        }

        @Override
        public void gap(OutputKind stream, long from, long to, GapCause cause) {
            throw new AssertionError("a log has no gaps");
        }

        @Override
        public void exited(ProcessExit exit) {
            finish();
        }
    }
}
