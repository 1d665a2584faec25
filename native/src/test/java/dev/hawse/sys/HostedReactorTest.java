package dev.hawse.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    @Test
    void floodOfDescriptorsLetsTheHostsOwnWorkInBetween(@TempDir Path dir) throws Exception {
        AtomicInteger since = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch turns = new CountDownLatch(50);
        List<Fd> fifos = new ArrayList<>();
        try (Reactor flooded = open("flooded", e -> {});
                Reactor other = open("other", e -> {})) {
            for (int i = 0; i < 200; i++) {
                fifos.add(neverDry(dir.resolve("fifo-" + i)));
                flooded.register(fifos.getLast(), Reactor.Interest.READ, since::incrementAndGet)
                        .resume();
            }
            other.execute(new Runnable() {
                private boolean begun;

                @Override
                public void run() {
                    int handlers = since.getAndSet(0);
                    if (begun) {
                        most.accumulateAndGet(handlers, Math::max);
                    }
                    begun = true;
                    turns.countDown();
                    if (turns.getCount() > 0) {
                        other.execute(this);
                    }
                }
            });
            turns.await();
        } finally {
            fifos.forEach(Fd::close);
        }
        assertThat(most).hasPositiveValue().hasValueLessThan(10);
    }

    /** Can be read at any time, since nobody does. */
    private static Fd neverDry(Path path) throws IOException {
        Fifo.create(path);
        Fd fifo = Fifo.openReadWriteGuard(path);
        fifo.write(ByteBuffer.wrap(new byte[] {1}));
        return fifo;
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
