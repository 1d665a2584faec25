package dev.hawse.client;

import com.google.protobuf.ByteString;

/** Sends all input of a session and collects all of its output, on the calling thread and without files. */
final class Collector {

    private final SessionState session;
    private final byte[] bytes;
    private final CappedBytes out;
    private final CappedBytes err;
    private int sent;

    Collector(SessionState session, RunOptions options) {
        this.session = session;
        this.bytes = options.input();
        this.out = new CappedBytes(options.outputLimit());
        this.err = new CappedBytes(options.outputLimit());
    }

    /** For who began the call; closes it. */
    ExecResult collect() {
        var lock = session.lock();
        lock.lock();
        try {
            while (true) {
                out.takeAll(session.window(), OutputKind.STDOUT);
                err.takeAll(session.window(), OutputKind.STDERR);
                var failure = session.failure();
                if (failure != null) {
                    throw failure;
                }
                var exit = session.exit();
                if (exit != null) {
                    return new ExecResult(
                            out.toByteArray(), err.toByteArray(), out.truncated() || err.truncated(), exit);
                }
                if (!send()) {
                    session.await(SessionState.FOREVER);
                }
            }
        } finally {
            lock.unlock();
            session.close();
        }
    }

    private boolean send() {
        if (sent < bytes.length && session.hasRoom()) {
            int size = Math.min(SessionInput.MAX_FRAME, bytes.length - sent);
            session.link().input(ByteString.copyFrom(bytes, sent, size));
            sent += size;
            return true;
        }
        if (sent == bytes.length
                && session.input().isWanted()
                && !session.input().isEnded()) {
            session.input().end();
            return true;
        }
        return false;
    }
}
