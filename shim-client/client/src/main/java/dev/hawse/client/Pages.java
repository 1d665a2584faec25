package dev.hawse.client;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** A list that comes in pages, each asked for when the one before has been used up. */
final class Pages<T> implements Iterator<T> {

    /** One page, and the token of the next: empty when there is none. */
    record Page<T>(List<T> items, String nextToken) {}

    private final Function<String, Page<T>> load;
    private Iterator<T> items = List.<T>of().iterator();
    private String token = "";
    private boolean last;

    Pages(Function<String, Page<T>> load) {
        this.load = load;
    }

    @Override
    public boolean hasNext() {
        while (!items.hasNext() && !last) {
            var page = load.apply(token);
            items = page.items().iterator();
            token = page.nextToken();
            last = token.isEmpty();
        }
        return items.hasNext();
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the list has ended");
        }
        return items.next();
    }
}
