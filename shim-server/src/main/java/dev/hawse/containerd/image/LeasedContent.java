package dev.hawse.containerd.image;

import dev.hawse.containerd.ContainerdClient;
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
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * containerd's content, written under a lease, which protects what is stored and what was found to be there. For one
 * thread.
 */
final class LeasedContent implements BlobSink {

    private final ContainerdClient.Lease lease;
    private final String refPrefix = "hawse-" + UUID.randomUUID() + "-";
    private int writes;

    LeasedContent(ContainerdClient.Lease lease) {
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
            try {
                write.commit(actual, bytes);
            } catch (StatusException e) {
                expectThere(write, e, actual);
            }
        }
        return new Blob(actual, bytes.length, Compression.of(bytes));
    }

    private Blob storeLarge(String what, InputStream content, long size, @Nullable String digest)
            throws IOException, StatusException {
        var first = readFully(content, ContentWrite.CHUNK);
        var compression = Compression.of(Arrays.copyOf(first, Compression.MAGIC));
        var rest = size - first.length;
        try (var write = new ContentWrite(lease.client(), nextRef(), size)) {
            if (digest != null && isThere(write, digest)) {
                skip(content, rest);
                return new Blob(digest, size, compression);
            }
            copy(write, first, content, rest);
            return new Blob(commit(what, write, digest), size, compression);
        }
    }

    /** Whether containerd has it, here or in another namespace, from which it is then taken over. */
    private boolean isThere(ContentWrite write, String digest) throws StatusException, InterruptedIOException {
        try {
            if (write.open(digest) == 0) {
                return false;
            }
            write.commit(digest);
        } catch (StatusException e) {
            expectThere(write, e, digest);
        }
        return true;
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
        try {
            write.commit(actual);
        } catch (StatusException e) {
            expectThere(write, e, actual);
        }
        return actual;
    }

    /** Passes over the answer that content is there already, which is as good as stored; any other is thrown. */
    private void expectThere(ContentWrite write, StatusException e, String digest) throws StatusException {
        if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
            throw e;
        }
        write.ended();
        // containerd puts under the lease what it finds at the begin of a write, but not what it finds at the commit.
        lease.hold("content", digest);
        if (!new Content(lease.client()).has(digest)) {
            throw Status.ABORTED
                    .withDescription("content " + digest + " was collected meanwhile")
                    .asException();
        }
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
