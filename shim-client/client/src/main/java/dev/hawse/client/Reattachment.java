package dev.hawse.client;

import dev.hawse.api.runtime.v1.AttachExecRequest;
import dev.hawse.client.HawseException.Code;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Attaches a session to its command again after the server was away, from the bytes that have arrived. Its methods are
 * called with the session's lock; attempts are made on a thread of the client.
 */
final class Reattachment {

    private static final long FIRST_DELAY_MILLIS = 20;
    private static final long MAX_DELAY_MILLIS = 1000;

    /** How long the server may take to notice that the writer it still knows is this session's broken connection. */
    private static final long WRITER_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(3);

    private final SessionState session;
    private final Connection connection;
    private final AttachExecFrames frames;
    private final ConnectionEvents events;
    private final Duration within;
    private final boolean lossy;

    private String execId = "";
    private @Nullable HawseException first;
    private long since;
    private long takenSince;
    private long delayMillis;
    private OutputOffsets from = OutputOffsets.ZERO;
    private boolean withInput;

    Reattachment(
            SessionState session,
            Connection connection,
            AttachExecFrames frames,
            ConnectionEvents events,
            Duration within,
            boolean lossy) {
        this.session = session;
        this.connection = connection;
        this.frames = frames;
        this.events = events;
        this.within = within;
        this.lossy = lossy;
    }

    /** The command is known, and goes on when its connection breaks. */
    void allow(String id) {
        execId = id;
    }

    /** The connection is gone, or an attempt has failed. Null when there will be another one; else why the session ends. */
    @Nullable
    HawseException lost(HawseException why) {
        if (execId.isEmpty() || connection.isClosed()) {
            return why;
        }
        if (first != null) {
            return again(why, first);
        }
        if (why.code() != Code.UNAVAILABLE) {
            return why;
        }
        first = why;
        since = System.nanoTime();
        takenSince = 0;
        from = session.output().next();
        withInput = session.input().isWriter();
        events.tell(l -> l.disconnected(why));
        delayMillis = FIRST_DELAY_MILLIS;
        schedule();
        return null;
    }

    private @Nullable HawseException again(HawseException why, HawseException cut) {
        switch (why.reason()) {
            case OFFSET_OUT_OF_RANGE ->
                from = new OutputOffsets(kept(why, "stdout", from.stdout()), kept(why, "stderr", from.stderr()));
            case WRITER_TAKEN -> awaitOwnEnd();
            // The end of the input has reached the process before: there is nothing left to give.
            case EXEC_STATE -> {
                if (!withInput || !session.input().isEnded()) {
                    return why;
                }
                withInput = false;
            }
            default -> {
                if (why.code() != Code.UNAVAILABLE) {
                    return why;
                }
            }
        }
        if (System.nanoTime() - since > within.toNanos()) {
            return new HawseException(
                    Code.UNAVAILABLE,
                    "the server did not come back within " + within.toSeconds() + " s: " + why.getMessage(),
                    cut);
        }
        schedule();
        return null;
    }

    /** The nearest place from which bytes are kept. */
    private static long kept(HawseException why, String stream, long asked) {
        try {
            long oldest = Long.parseLong(why.metadata().getOrDefault("oldest_" + stream, ""));
            long head = Long.parseLong(why.metadata().getOrDefault("head_" + stream, ""));
            return Math.min(Math.max(asked, oldest), head);
        } catch (NumberFormatException e) {
            return asked;
        }
    }

    private void awaitOwnEnd() {
        long now = System.nanoTime();
        if (takenSince == 0) {
            takenSince = now;
        } else if (now - takenSince > WRITER_PATIENCE_NANOS && withInput) {
            withInput = false;
            session.input().loseWriter();
            events.tell(ConnectionListener::writerLost);
        }
    }

    private void schedule() {
        CompletableFuture.delayedExecutor(delayMillis, TimeUnit.MILLISECONDS, connection.executor())
                .execute(this::attempt);
        delayMillis = Math.min(2 * delayMillis, MAX_DELAY_MILLIS);
    }

    private void attempt() {
        session.lock().lock();
        try {
            if (session.isOver()) {
                return;
            }
            connection.connectAnew();
            var spec = new AttachExecSpec(ReadFrom.offsets(from), withInput, false, null, lossy, null);
            var request = AttachExecRequest.newBuilder()
                    .setStart(ExecMapper.attach(execId, spec))
                    .build();
            session.connect(frames, request, false);
            var link = session.link();
            CompletableFuture.delayedExecutor(
                            connection.deadline().toMillis(), TimeUnit.MILLISECONDS, connection.executor())
                    .execute(() -> giveUp(link));
        } finally {
            session.lock().unlock();
        }
    }

    /** A server that takes calls and does not answer is as good as one that is away. */
    private void giveUp(Link<?, ?> link) {
        session.lock().lock();
        try {
            if (first != null && link == session.link() && !session.isOver()) {
                link.cancel("the server did not answer in time", null);
            }
        } finally {
            session.lock().unlock();
        }
    }

    /** The session is attached again. */
    void done() {
        first = null;
        events.tell(ConnectionListener::reconnected);
    }
}
