package dev.hawse.sys;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The reactors among which descriptors are spread. What goes from a descriptor to a caller's connection, or back, is
 * fastest when one thread serves both, so the one is chosen that is nearest to who asks. Safe for use by any number of
 * threads. Closing it closes all of them.
 */
public final class Reactors implements AutoCloseable {

    private static final ScopedValue<Reactor.Host> NEAR = ScopedValue.newInstance();

    private final List<Reactor> all;
    private final AtomicInteger turn = new AtomicInteger();

    private Reactors(List<Reactor> all) {
        this.all = List.copyOf(all);
    }

    /**
     * Opens one on each of these loops; on a thread of its own when there are none.
     *
     * @param errorListener as {@link Reactor#open} has it
     */
    public static Reactors open(
            List<? extends Reactor.Host> hosts, String name, Consumer<? super Throwable> errorListener)
            throws IOException {
        if (hosts.isEmpty()) {
            return new Reactors(List.of(Reactor.open(name, errorListener)));
        }
        List<Reactor> opened = new ArrayList<>();
        try {
            for (Reactor.Host host : hosts) {
                opened.add(Reactor.on(host, name, errorListener));
            }
            return new Reactors(opened);
        } catch (IOException | RuntimeException | Error e) {
            opened.forEach(Reactor::close);
            throw e;
        }
    }

    /** The one on the loop that is near to the caller, or else each in its turn. */
    public Reactor nearest() {
        Reactor.Host near = near();
        for (Reactor reactor : all) {
            if (reactor.host() == near) {
                return reactor;
            }
        }
        return all.get(Math.floorMod(turn.getAndIncrement(), all.size()));
    }

    /** A task to which, whatever thread it runs on, the loop is near that is near to the caller now. */
    public static Runnable keepNear(Runnable task) {
        Reactor.Host near = near();
        return near == null ? task : () -> ScopedValue.where(NEAR, near).run(task);
    }

    private static Reactor.@Nullable Host near() {
        return NEAR.isBound() ? NEAR.get() : Reactor.hostHere();
    }

    @Override
    public void close() {
        all.forEach(Reactor::close);
    }
}
