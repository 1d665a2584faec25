package dev.hawse.containerd.image;

import com.github.luben.zstd.ZstdInputStream;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * An archive's bytes, decompressed, counted and limited. Tells an archive that cannot be read from one that is bad. For one
 * thread.
 */
final class ArchiveInput {

    /** A header with its extensions; a real one has a few KiB at most. */
    private static final int LARGEST_HEADER = 4 << 20;

    private static final int BUFFER = 64 << 10;
    private static final int REPORT_EVERY = 1 << 20;

    private final Source source;
    private final Plain plain;

    ArchiveInput(InputStream archive, LoadLimits limits, LongConsumer progress) throws IOException {
        source = new Source(archive, progress);
        var buffered = new BufferedInputStream(source, BUFFER);
        buffered.mark(BUFFER);
        var start = buffered.readNBytes(Compression.MAGIC);
        buffered.reset();
        if (start.length == 0) {
            throw Documents.invalid("archive: it is empty");
        }
        try {
            plain = new Plain(decompress(buffered, Compression.of(start)), limits.bytes());
        } catch (IOException e) {
            throw failure(e);
        }
    }

    private static InputStream decompress(InputStream in, Compression compression) throws IOException {
        return switch (compression) {
            case NONE -> in;
            case GZIP -> new GZIPInputStream(in, BUFFER);
            case ZSTD -> new ZstdInputStream(in);
        };
    }

    InputStream plain() {
        return plain;
    }

    /** Until {@link #headerRead}, only so much is read as a header may have: the tar reader keeps headers in memory. */
    void readingHeader() {
        plain.headerLeft = LARGEST_HEADER;
    }

    void headerRead() {
        plain.headerLeft = Long.MAX_VALUE;
    }

    /** What to throw for an error of a reader of {@link #plain}: the source's own errors as they are. */
    IOException failure(IOException e) {
        if (e instanceof InterruptedIOException) {
            return e;
        }
        if (source.failure != null) {
            return source.failure;
        }
        throw RuntimeFailure.of(
                Reason.INVALID_ARCHIVE,
                "archive: it is damaged or no tar, plain or compressed by gzip or zstd: " + e.getMessage(),
                Map.of(),
                e);
    }

    void finish() {
        source.report();
    }

    /** Counts what is read, and remembers when reading failed. */
    private static final class Source extends FilterInputStream {
        private final LongConsumer progress;
        private long count;
        private long reported;
        private @Nullable IOException failure;

        Source(InputStream in, LongConsumer progress) {
            super(in);
            this.progress = progress;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted");
            }
            try {
                var n = in.read(b, off, len);
                count += Math.max(n, 0);
                if (count - reported >= REPORT_EVERY) {
                    report();
                }
                return n;
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        private void report() {
            if (count > reported) {
                reported = count;
                progress.accept(count);
            }
        }
    }

    /** Limits what comes out of decompression, in all and per header. */
    private static final class Plain extends FilterInputStream {
        private final long limit;
        private long left;
        private long headerLeft = Long.MAX_VALUE;

        Plain(InputStream in, long limit) {
            super(in);
            this.limit = limit;
            this.left = limit;
        }

        @Override
        public int read() throws IOException {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] b, int off, int len) throws IOException {
            if (len > 0 && headerLeft <= 0) {
                throw Documents.invalid("archive: a file's header has more than " + LARGEST_HEADER + " bytes");
            }
            var n = in.read(b, off, (int) Math.min(len, headerLeft));
            if (n > 0) {
                left -= n;
                headerLeft -= headerLeft == Long.MAX_VALUE ? 0 : n;
            }
            if (left < 0) {
                throw RuntimeFailure.of(
                        Reason.LIMIT_REACHED, "archive: it has more than " + limit + " bytes when decompressed");
            }
            return n;
        }

        @Override
        public long skip(long n) throws IOException {
            return Math.max(0, read(new byte[(int) Math.min(n, BUFFER)]));
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }
}
