package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.client.HawseException.Code;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One output of a process as a stream; see {@link ProcessSession#stdout()}. */
final class StdoutStream extends InputStream {

    private final SessionOutput session;
    private final OutputKind kind;
    private final ReentrantLock reading = new ReentrantLock();

    StdoutStream(SessionOutput session, OutputKind kind) {
        this.session = session;
        this.kind = kind;
    }

    @Override
    public int read() throws IOException {
        var data = take(1);
        return data == null ? -1 : data.byteAt(0) & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        var data = take(length);
        if (data == null) {
            return -1;
        }
        data.copyTo(into, offset);
        return data.size();
    }

    private @Nullable ByteString take(int most) throws IOException {
        reading.lock();
        try {
            return session.read(kind, most);
        } finally {
            reading.unlock();
        }
    }

    @Override
    public void close() {
        session.drop(kind);
    }

    /** What a stream throws for a failure of its session. */
    static IOException ioException(HawseException e) {
        var thrown = e.code() == Code.CANCELLED && e.getCause() instanceof InterruptedException
                ? new InterruptedIOException(e.getMessage())
                : new IOException(e.getMessage());
        thrown.initCause(e);
        return thrown;
    }
}
