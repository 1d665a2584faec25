package dev.hawse.server.api;

import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import dev.hawse.runtime.RuntimeFailure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Cuts lists into pages. A page token holds the place of the last item and a digest of it and of the filter, so it stays
 * good whatever is added or removed in between, and is refused with another filter.
 *
 * @param <T> items
 */
final class Pages<T extends MessageLite> {

    private static final int DEFAULT_SIZE = 100;
    private static final int MOST_SIZE = 1000;

    /** Below the 4 MiB that gRPC clients take unless told otherwise; a single item may be larger. */
    private static final int MOST_BYTES = 3 << 20;

    private static final int DIGEST = 12;

    private final Function<T, String> place;
    private final Comparator<String> order;

    /** @param place tells items apart, and puts them in order */
    Pages(Function<T, String> place, Comparator<String> order) {
        this.place = place;
        this.order = order;
    }

    /** The page after the token's; what the request asks for is refused when it is outside of what is allowed. */
    Page<T> page(Stream<T> items, Message filter, int size, String token) {
        if (size < 0 || size > MOST_SIZE) {
            throw RuntimeFailure.invalid("page_size", "must be 1 to 1000, or 0 for 100 (got " + size + ")");
        }
        var most = size == 0 ? DEFAULT_SIZE : size;
        var rest = token.isEmpty() ? items : after(items, place(filter, token));
        var sorted = rest.sorted(Comparator.comparing(place, order)).toList();
        var page = new ArrayList<T>();
        var bytes = 0L;
        for (var item : sorted) {
            bytes += item.getSerializedSize();
            if (page.size() == most || (bytes > MOST_BYTES && !page.isEmpty())) {
                return new Page<>(page, token(filter, place.apply(page.getLast())));
            }
            page.add(item);
        }
        return new Page<>(page, "");
    }

    private Stream<T> after(Stream<T> items, String last) {
        return items.filter(item -> order.compare(place.apply(item), last) > 0);
    }

    private static String token(Message filter, String place) {
        var text = place.getBytes(StandardCharsets.UTF_8);
        var token = Arrays.copyOf(digest(filter, text), DIGEST + text.length);
        System.arraycopy(text, 0, token, DIGEST, text.length);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(token);
    }

    private static String place(Message filter, String token) {
        byte[] bytes;
        try {
            bytes = Base64.getUrlDecoder().decode(token);
        } catch (IllegalArgumentException e) {
            throw refused();
        }
        if (bytes.length <= DIGEST) {
            throw refused();
        }
        var text = Arrays.copyOfRange(bytes, DIGEST, bytes.length);
        if (!Arrays.equals(digest(filter, text), Arrays.copyOf(bytes, DIGEST))) {
            throw refused();
        }
        return new String(text, StandardCharsets.UTF_8);
    }

    private static RuntimeFailure refused() {
        return RuntimeFailure.invalid("page_token", "must be the next_page_token of an answer to the same filter");
    }

    private static byte[] digest(Message filter, byte[] place) {
        var sha = Digest.sha256();
        sha.update(Digest.deterministic(filter));
        sha.update((byte) 0);
        return Arrays.copyOf(sha.digest(place), DIGEST);
    }

    /**
     * A part of a list.
     *
     * @param next token of the part after it; empty when this is the last
     */
    record Page<T>(List<T> items, String next) {}
}
