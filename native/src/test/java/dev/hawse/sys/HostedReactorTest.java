package dev.hawse.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A reactor on a loop of somebody else's keeps every promise of one with a thread of its own. */
class HostedReactorTest extends ReactorTest {

    // One for all: hosts outlive their reactors.
    private static final PollingHost HOST = PollingHost.start();

    @Override
    Reactor open(String name, Consumer<? super Throwable> errorListener) throws IOException {
        return Reactor.on(HOST, name, errorListener);
    }

    @Test
    void severalReactorsShareALoop() throws Exception {
        try (Reactor one = open("one", e -> {});
                Reactor two = open("two", e -> {})) {
            assertThat(thread(one)).isSameAs(thread(two));
        }
    }

    @Test
    void reactorOfTheCallersLoopIsTheNearestAlsoForWhatItHandsOn() throws Exception {
        PollingHost other = PollingHost.start();
        try (Reactors reactors = Reactors.open(List.of(HOST, other), "near", e -> {});
                Reactor on = Reactor.on(other, "caller", e -> {})) {
            for (int i = 0; i < 10; i++) {
                assertThat(nearestOf(reactors, on).host()).isSameAs(other);
            }
            assertThat(reactors.nearest()).isNotSameAs(reactors.nearest());
        }
    }

    /** Asked on a thread of its own, to which a task of the loop was handed. */
    private static Reactor nearestOf(Reactors reactors, Reactor caller) throws Exception {
        CompletableFuture<Reactor> nearest = new CompletableFuture<>();
        caller.execute(() -> Thread.ofVirtual().start(Reactors.keepNear(() -> nearest.complete(reactors.nearest()))));
        return nearest.get();
    }

    private static Thread thread(Reactor reactor) throws Exception {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        reactor.execute(() -> thread.complete(Thread.currentThread()));
        return thread.get();
    }
}
