package dev.hawse.client;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/** The first bytes of a stream, up to a limit; what is more is counted as truncated and dropped. */
final class CappedBytes {

    private final List<ByteString> chunks = new ArrayList<>();
    private final int limit;
    private int size;
    private boolean truncated;

    CappedBytes(int limit) {
        this.limit = limit;
    }

    /** With the session's lock. */
    void takeAll(OutputWindow window, OutputKind kind) {
        for (var data = window.poll(kind); data != null; data = window.poll(kind)) {
            int fits = Math.min(data.size(), limit - size);
            truncated |= fits < data.size();
            if (fits > 0) {
                chunks.add(data.substring(0, fits));
                size += fits;
            }
        }
    }

    boolean truncated() {
        return truncated;
    }

    byte[] toByteArray() {
        var all = new byte[size];
        int at = 0;
        for (var chunk : chunks) {
            chunk.copyTo(all, at);
            at += chunk.size();
        }
        return all;
    }
}
