package dev.hawse.containerd.image;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Content in memory, with the rules of the real one. */
final class MemoryBlobs implements BlobSource, BlobSink {

    private final Map<String, byte[]> blobs = new HashMap<>();

    @Override
    public Blob store(String what, InputStream content, long size, @Nullable String digest) throws IOException {
        var bytes = content.readNBytes((int) size);
        if (bytes.length < size) {
            throw new EOFException("it ends within a file");
        }
        var actual = Digests.of(bytes);
        if (digest != null && !digest.equals(actual)) {
            throw RuntimeFailure.of(Reason.DIGEST_MISMATCH, what);
        }
        blobs.put(actual, bytes);
        return new Blob(actual, size, Compression.of(bytes));
    }

    @Override
    public boolean has(String digest) {
        return blobs.containsKey(digest);
    }

    @Override
    public byte[] read(String digest) {
        return Objects.requireNonNull(blobs.get(digest), digest);
    }
}
