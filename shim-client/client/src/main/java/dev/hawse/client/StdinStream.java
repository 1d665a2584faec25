package dev.hawse.client;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;

/** A process's input as a stream; see {@link ProcessSession#stdin()}. A write of one thread is not mixed with another's. */
final class StdinStream extends OutputStream {

    private final SessionInput session;
    private final ReentrantLock writing = new ReentrantLock();

    StdinStream(SessionInput session) {
        this.session = session;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        writing.lock();
        try {
            session.write(bytes, offset, length);
        } finally {
            writing.unlock();
        }
    }

    @Override
    public void close() {
        session.end();
    }
}
