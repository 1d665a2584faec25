package dev.hawse.containerd.image;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** Where content goes, a bounded part of it at a time. */
interface BlobSink {

    /**
     * Stores exactly so many bytes of a stream, which are all read when it returns.
     *
     * @param what for messages: the name of the file in its archive
     * @param digest which it must have; null when that is not known
     * @throws IOException when the stream ends early or cannot be read, or the thread was interrupted
     */
    Blob store(String what, InputStream content, long size, @Nullable String digest) throws IOException;
}
