package dev.hawse.server.api;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Chunks from a call as a stream for one reader. It holds as many chunks as were asked for and not read, and asks for
 * another whenever one was read. Reading blocks; giving does not.
 */
final class ArchivePipe extends InputStream {

    private final ArrayDeque<ByteString> chunks = new ArrayDeque<>();
    private final Runnable askForMore;
    private boolean ended;
    private @Nullable IOException failure;
    private InputStream current = InputStream.nullInputStream();
    private boolean started;

    ArchivePipe(Runnable askForMore) {
        this.askForMore = askForMore;
    }

    synchronized void give(ByteString chunk) {
        chunks.add(chunk);
        notifyAll();
    }

    synchronized void end() {
        ended = true;
        notifyAll();
    }

    synchronized void fail(IOException cause) {
        failure = cause;
        notifyAll();
    }

    @Override
    public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return 0;
        }
        var n = current.read(target, offset, length);
        while (n < 0) {
            var next = next();
            if (next == null) {
                return -1;
            }
            current = next.newInput();
            n = current.read(target, offset, length);
        }
        return n;
    }

    private @Nullable ByteString next() throws IOException {
        if (started) {
            askForMore.run();
        }
        synchronized (this) {
            while (chunks.isEmpty() && !ended && failure == null) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new InterruptedIOException("the upload was cancelled");
                }
            }
            if (failure != null) {
                throw failure;
            }
            started = !chunks.isEmpty();
            return chunks.poll();
        }
    }
}
