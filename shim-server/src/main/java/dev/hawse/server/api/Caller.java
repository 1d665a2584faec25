package dev.hawse.server.api;

import io.grpc.Context;
import org.jspecify.annotations.Nullable;

/**
 * Who is on the other end of a unix socket, as the kernel said when it was connected.
 *
 * @param pid a hint only: the process may be gone, and its number another's
 */
public record Caller(long uid, long gid, long pid) {

    /** Where the caller of the current call is found. */
    public static final Context.Key<Caller> KEY = Context.key("caller");

    /** The caller of the current call; null where the transport does not tell. */
    static @Nullable Caller current() {
        return KEY.get();
    }
}
