package dev.hawse.client;

import java.util.Iterator;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Records as the server sends them, at the pace at which they are taken. For one thread; {@link #close()} alone may come
 * from any, and makes a blocked {@link #hasNext()} return false.
 *
 * <p>{@link #hasNext()} and {@link #next()} block, and throw a {@link HawseException} when the call failed.
 */
public interface RecordStream<T> extends Iterator<T>, AutoCloseable {

    /** The records left; closing that stream closes this one. */
    default Stream<T> stream() {
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(this, 0), false)
                .onClose(this::close);
    }

    /** Ends the call. Never blocks; closing twice is no error. */
    @Override
    void close();
}
