package dev.hawse.containerd.image;

import dev.hawse.containerd.client.Lease;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Text;
import io.grpc.Status;
import io.grpc.StatusException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * containerd's content, written under a lease, which protects what is stored and what was found to be there. For one
 * thread.
 */
final class LeasedContent implements BlobSink {

    /** Content of an image that was just removed may be collected between the answer that it is there and its protection. */
    private static final int ATTEMPTS = 5;

    private final Lease lease;
    private final String refPrefix = "hawse-" + UUID.randomUUID() + "-";
    private int writes;

    LeasedContent(Lease lease) {
        this.lease = lease;
    }

    @Override
    public Blob store(String what, InputStream content, long size, @Nullable String digest) throws IOException {
        try {
            return size <= ContentWrite.CHUNK
                    ? storeSmall(what, readFully(content, (int) size), digest)
                    : storeLarge(what, content, size, digest);
        } catch (StatusException e) {
            throw e.getStatus().withCause(e).asRuntimeException();
        }
    }

    private Blob storeSmall(String what, byte[] bytes, @Nullable String digest)
            throws StatusException, InterruptedIOException {
        var actual = Digests.of(bytes);
        if (digest != null && !digest.equals(actual)) {
            throw mismatch(what, digest, actual);
        }
        try (var write = new ContentWrite(lease.client(), nextRef(), bytes.length)) {
            write.commit(bytes);
        }
        return new Blob(actual, bytes.length, Compression.of(bytes));
    }

    private Blob storeLarge(String what, InputStream content, long size, @Nullable String digest)
            throws IOException, StatusException {
        var first = readFully(content, ContentWrite.CHUNK);
        var compression = Compression.of(Arrays.copyOf(first, Compression.MAGIC));
        var rest = size - first.length;
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            try (var write = new ContentWrite(lease.client(), nextRef(), size)) {
                switch (digest == null ? Found.NOTHING : find(write, digest)) {
                    case CONTENT -> {
                        skip(content, rest);
                        return new Blob(Objects.requireNonNull(digest), size, compression);
                    }
                    case NOTHING -> {
                        copy(write, first, content, rest);
                        return new Blob(commit(what, write, digest), size, compression);
                    }
                    case COLLECTED -> {}
                }
            }
        }
        throw Status.ABORTED
                .withDescription("content " + digest + " was collected meanwhile")
                .asException();
    }

    private enum Found {
        /** The write is open and wants every byte. */
        NOTHING,
        /** It is there, and protected. */
        CONTENT,
        /** It was there and is no more; the write has ended, another one may be begun. */
        COLLECTED
    }

    /** Whether containerd has it, here or in another namespace, from which it is then taken over. */
    private Found find(ContentWrite write, String digest) throws StatusException, InterruptedIOException {
        try {
            if (write.open(digest) == 0) {
                return Found.NOTHING;
            }
            write.commit();
            return Found.CONTENT;
        } catch (StatusException e) {
            return isHeld(write, e, digest) ? Found.CONTENT : Found.COLLECTED;
        }
    }

    private static void copy(ContentWrite write, byte[] first, InputStream content, long rest)
            throws IOException, StatusException {
        write.write(first, first.length);
        var left = rest;
        while (left > 0) {
            var chunk = readFully(content, (int) Math.min(ContentWrite.CHUNK, left));
            write.write(chunk, chunk.length);
            left -= chunk.length;
        }
    }

    private String commit(String what, ContentWrite write, @Nullable String digest)
            throws StatusException, InterruptedIOException {
        var actual = write.finish();
        if (digest != null && !digest.equals(actual)) {
            throw mismatch(what, digest, actual);
        }
        write.commit();
        return actual;
    }

    /**
     * After the answer that content is there already, which is as good as stored: whether it still is, now that it is
     * protected. Any other answer is thrown.
     */
    private boolean isHeld(ContentWrite write, StatusException e, String digest) throws StatusException {
        if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
            throw e;
        }
        write.ended();
        // Somebody else's write may have ended at this moment: only what was there before is under the lease by now.
        lease.hold("content", digest);
        return new Content(lease.client()).has(digest);
    }

    private String nextRef() {
        return refPrefix + writes++;
    }

    private static RuntimeFailure mismatch(String what, String expected, String actual) {
        return RuntimeFailure.of(
                Reason.DIGEST_MISMATCH,
                "archive: \"" + Text.printable(what) + "\" must have the digest " + expected + " (got " + actual + ")");
    }

    private static byte[] readFully(InputStream content, int size) throws IOException {
        var bytes = content.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException("it ends within a file");
        }
        return bytes;
    }

    private static void skip(InputStream content, long size) throws IOException {
        var left = size;
        while (left > 0) {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted");
            }
            left -= readFully(content, (int) Math.min(ContentWrite.CHUNK, left)).length;
        }
    }
}
