package dev.hawse.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Native memory for the length of one kernel call: an errno slot and a transfer area. Not shared while taken; given
 * back by {@link #close()}. Pooled rather than thread-local, because callers may be virtual threads by the thousand.
 */
final class Scratch implements AutoCloseable {
    static final int SIZE = 64 * 1024;
    private static final int POOLED = 16;
    private static final ArrayBlockingQueue<Scratch> POOL = new ArrayBlockingQueue<>(POOLED);

    final MemorySegment errno;
    final MemorySegment bytes;

    private Scratch() {
        // Automatic arena: one that finds the pool full when given back is freed by the collector.
        Arena arena = Arena.ofAuto();
        errno = arena.allocate(Integer.BYTES, Integer.BYTES);
        bytes = arena.allocate(SIZE, Long.BYTES);
    }

    static Scratch take() {
        @Nullable Scratch pooled = POOL.poll();
        return pooled == null ? new Scratch() : pooled;
    }

    /** The text as a NUL-terminated C string in the transfer area; null where it does not fit. */
    @Nullable
    MemorySegment string(String text) {
        byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
        if (encoded.length >= SIZE) {
            return null;
        }
        MemorySegment.copy(encoded, 0, bytes, JAVA_BYTE, 0, encoded.length);
        bytes.set(JAVA_BYTE, encoded.length, (byte) 0);
        return bytes;
    }

    @Override
    @SuppressWarnings("ReturnValueIgnored") // a full pool is no error: this one is left to the collector
    public void close() {
        POOL.offer(this);
    }
}
