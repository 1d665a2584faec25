package dev.hawse.client;

import io.grpc.Context.CancellableContext;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** The answers of one call, which is cancelled by closing this. At most a few answers wait here. */
final class ResponseStream<R> implements RecordStream<R> {

    private final Iterator<R> responses;
    private final CancellableContext context;
    private final Failures failures;
    private volatile boolean closed;

    ResponseStream(Iterator<R> responses, CancellableContext context, Failures failures) {
        this.responses = responses;
        this.context = context;
        this.failures = failures;
    }

    @Override
    public boolean hasNext() {
        if (closed) {
            return false;
        }
        try {
            return responses.hasNext();
        } catch (RuntimeException e) {
            if (closed && !Thread.currentThread().isInterrupted()) {
                return false;
            }
            throw failures.from(e);
        }
    }

    @Override
    public R next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the stream has ended");
        }
        return responses.next();
    }

    /** The same stream of other things. */
    <T> RecordStream<T> map(Function<R, T> mapping) {
        return new RecordStream<>() {
            @Override
            public boolean hasNext() {
                return ResponseStream.this.hasNext();
            }

            @Override
            public T next() {
                return mapping.apply(ResponseStream.this.next());
            }

            @Override
            public void close() {
                ResponseStream.this.close();
            }
        };
    }

    @Override
    public void close() {
        closed = true;
        context.cancel(null);
    }
}
