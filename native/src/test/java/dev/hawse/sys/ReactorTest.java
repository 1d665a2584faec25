package dev.hawse.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class ReactorTest {
    @TempDir
    private Path dir;

    private final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
    private final List<Fd> open = new ArrayList<>();
    private Reactor reactor = openReactor();

    private Reactor openReactor() {
        try {
            return open("test-reactor", errors::add);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The kind of reactor that is tried. */
    Reactor open(String name, Consumer<? super Throwable> errorListener) throws IOException {
        return Reactor.open(name, errorListener);
    }

    @BeforeEach
    void noErrorsYet() {
        assertThat(errors).isEmpty();
    }

    @AfterEach
    void close() {
        reactor.close();
        open.forEach(Fd::close);
    }

    @Test
    void handlerIsCalledOnTheLoopOnlyOnceItIsResumed() throws Exception {
        Fd fifo = fifo("a");
        write(fifo, "x");
        CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
        Registration registration = reactor.register(fifo, Reactor.Interest.READ, () -> {
            fifo.read(reactor.readBuffer());
            onLoop.complete(reactor.inLoop());
        });
        turn();
        assertThat(onLoop).isNotDone();
        registration.resume();
        assertThat(onLoop.get()).isTrue();
        assertThat(reactor.inLoop()).isFalse();
    }

    @Test
    void pausedDescriptorWhosePeerHungUpDoesNotSpinTheLoop() throws Exception {
        Path path = dir.resolve("hangup");
        Fifo.create(path);
        Fd guard = Fifo.openReadWriteGuard(path);
        Fd reader = keep(Fifo.openReader(path));
        AtomicInteger calls = new AtomicInteger();
        Registration registration = reactor.register(reader, Reactor.Interest.READ, calls::incrementAndGet);
        guard.close();
        // The thread's CPU time would grow with the wall clock if the loop spun.
        turn();
        long before = loopCpuNanos();
        assertThat(new CountDownLatch(1).await(300, TimeUnit.MILLISECONDS)).isFalse();
        assertThat(loopCpuNanos() - before).isLessThan(TimeUnit.MILLISECONDS.toNanos(100));
        assertThat(calls).hasValue(0);
        CountDownLatch called = new CountDownLatch(1);
        registration.close();
        reactor.register(reader, Reactor.Interest.READ, () -> {
                    assertThat(reader.read(reactor.readBuffer())).isEqualTo(Fd.EOF);
                    called.countDown();
                    reader.close();
                })
                .resume();
        called.await();
    }

    @Test
    void pauseStopsCallsAndResumeReportsWhatIsThereAlready() throws Exception {
        Fd fifo = fifo("a");
        AtomicInteger calls = new AtomicInteger();
        CountDownLatch again = new CountDownLatch(1);
        Registration[] self = new Registration[1];
        self[0] = reactor.register(fifo, Reactor.Interest.READ, () -> {
            if (calls.incrementAndGet() == 1) {
                self[0].pause();
            } else {
                fifo.read(reactor.readBuffer());
                again.countDown();
            }
        });
        self[0].resume();
        write(fifo, "x");
        while (calls.get() == 0) {
            turn();
        }
        turn();
        assertThat(calls).hasValue(1);
        self[0].resume();
        again.await();
    }

    @Test
    void throwingHandlerIsReportedAndLosesItsRegistrationAlone() throws Exception {
        Fd bad = fifo("bad");
        Fd good = fifo("good");
        IllegalStateException thrown = new IllegalStateException("handler");
        reactor.register(bad, Reactor.Interest.READ, () -> {
                    throw thrown;
                })
                .resume();
        CountDownLatch served = new CountDownLatch(1);
        reactor.register(good, Reactor.Interest.READ, () -> {
                    good.read(reactor.readBuffer());
                    served.countDown();
                })
                .resume();
        write(bad, "x");
        while (errors.isEmpty()) {
            turn();
        }
        write(good, "x");
        served.await();
        assertThat(errors).containsExactly(thrown);
        assertThat(reactor.registrations()).isEqualTo(1);
        assertThat(bad.isOpen()).isTrue();
    }

    @Test
    void throwingTaskAndThrowingListenerDoNotEndTheLoop() throws Exception {
        reactor.close();
        AtomicInteger told = new AtomicInteger();
        reactor = open("test-reactor", e -> {
            told.incrementAndGet();
            throw new IllegalStateException("listener", e);
        });
        reactor.execute(() -> {
            throw new IllegalStateException("task");
        });
        turn();
        assertThat(told).hasValue(1);
    }

    @Test
    void eventOfAClosedRegistrationNeverReachesTheOneThatGotItsNumber() throws Exception {
        for (int round = 0; round < 200; round++) {
            Fd first = fifo("first-" + round);
            Fd second = fifo("second-" + round);
            Path third = dir.resolve("third-" + round);
            Fifo.create(third);
            AtomicInteger wrong = new AtomicInteger();
            AtomicBoolean done = new AtomicBoolean();
            // Both are ready in one batch; whichever is called first closes the other and reuses its number.
            for (Fd own : List.of(first, second)) {
                Fd other = own == first ? second : first;
                reactor.register(own, Reactor.Interest.READ, () -> {
                            if (done.getAndSet(true)) {
                                wrong.incrementAndGet();
                                return;
                            }
                            own.read(reactor.readBuffer());
                            other.close();
                            Fd reused = keep(Fifo.openReadWriteGuard(third));
                            reactor.register(reused, Reactor.Interest.READ, wrong::incrementAndGet)
                                    .resume();
                        })
                        .resume();
            }
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch bothReady = new CountDownLatch(1);
            reactor.execute(() -> {
                held.countDown();
                await(bothReady);
            });
            held.await();
            write(first, "x");
            write(second, "x");
            bothReady.countDown();
            while (!done.get()) {
                turn();
            }
            turn();
            turn();
            assertThat(wrong).hasValue(0);
            open.forEach(Fd::close);
            open.clear();
            assertThat(reactor.registrations()).isZero();
        }
    }

    @Test
    void handlerIsNotRunningWhenCloseReturns() throws Exception {
        Fd fifo = fifo("busy");
        write(fifo, "x");
        for (int round = 0; round < 1000; round++) {
            AtomicBoolean closed = new AtomicBoolean();
            AtomicInteger late = new AtomicInteger();
            CountDownLatch called = new CountDownLatch(1);
            Registration registration = reactor.register(fifo, Reactor.Interest.READ, () -> {
                called.countDown();
                Thread.onSpinWait();
                if (closed.get()) {
                    late.incrementAndGet();
                }
            });
            registration.resume();
            called.await();
            registration.close();
            closed.set(true);
            turn();
            assertThat(late).hasValue(0);
        }
        assertThat(reactor.registrations()).isZero();
    }

    @Test
    void closeInsideTheHandlerTakesEffectAtOnce() throws Exception {
        Fd fifo = fifo("self");
        write(fifo, "x");
        AtomicInteger calls = new AtomicInteger();
        Registration[] self = new Registration[1];
        self[0] = reactor.register(fifo, Reactor.Interest.READ, () -> {
            calls.incrementAndGet();
            self[0].close();
        });
        self[0].resume();
        while (reactor.registrations() > 0) {
            turn();
        }
        turn();
        assertThat(calls).hasValue(1);
        self[0].resume();
        self[0].pause();
        self[0].close();
    }

    @Test
    void tasksRunInOrderFromManyThreads() throws Exception {
        int threads = 4;
        int each = 5000;
        int[] last = new int[threads];
        AtomicInteger disorder = new AtomicInteger();
        CountDownLatch all = new CountDownLatch(threads * each);
        for (int t = 0; t < threads; t++) {
            int thread = t;
            Thread.ofVirtual().start(() -> {
                for (int i = 1; i <= each; i++) {
                    int sequence = i;
                    reactor.execute(() -> {
                        if (last[thread] != sequence - 1) {
                            disorder.incrementAndGet();
                        }
                        last[thread] = sequence;
                        all.countDown();
                    });
                }
            });
        }
        all.await();
        assertThat(disorder).hasValue(0);
    }

    @Test
    void taskThatQueuesItselfForEverDoesNotStarveDescriptors() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        reactor.execute(new Runnable() {
            @Override
            public void run() {
                if (!stop.get()) {
                    reactor.execute(this);
                }
            }
        });
        Fd fifo = fifo("a");
        CountDownLatch served = new CountDownLatch(1);
        reactor.register(fifo, Reactor.Interest.READ, () -> {
                    fifo.read(reactor.readBuffer());
                    served.countDown();
                })
                .resume();
        write(fifo, "x");
        served.await();
        stop.set(true);
    }

    @Test
    void closeTellsWhatIsRegisteredRunsWhatIsQueuedAndIsIdempotent() throws Exception {
        Fd fifo = fifo("a");
        AtomicInteger told = new AtomicInteger();
        reactor.register(fifo, Reactor.Interest.READ, new Reactor.Handler() {
            @Override
            public void onReady() {}

            @Override
            public void onReactorClosed() {
                told.incrementAndGet();
            }
        });
        CountDownLatch hold = new CountDownLatch(1);
        AtomicInteger ran = new AtomicInteger();
        reactor.execute(() -> await(hold));
        reactor.execute(ran::incrementAndGet);
        Thread closer = Thread.ofPlatform().start(reactor::close);
        hold.countDown();
        closer.join();
        reactor.close();
        assertThat(told).hasValue(1);
        assertThat(ran).hasValue(1);
        assertThat(reactor.registrations()).isZero();
        assertThat(fifo.isOpen()).isTrue();
        assertThatThrownBy(() -> reactor.execute(ran::incrementAndGet)).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> reactor.register(fifo, Reactor.Interest.READ, () -> {}))
                .isInstanceOf(ClosedChannelException.class);
        assertThat(reactor.registrations()).isZero();
    }

    @Test
    void interruptedCloserStillWaitsAndStaysInterrupted() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch hold = new CountDownLatch(1);
        reactor.execute(() -> {
            held.countDown();
            await(hold);
        });
        held.await();
        CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
        Thread closer = Thread.ofPlatform().start(() -> {
            Thread.currentThread().interrupt();
            reactor.close();
            interrupted.complete(Thread.currentThread().isInterrupted());
        });
        assertThat(interrupted).isNotDone();
        hold.countDown();
        closer.join();
        assertThat(interrupted.get()).isTrue();
    }

    @Test
    void openingAndClosingLeavesNoDescriptorBehind() throws Exception {
        long before = OpenFiles.count();
        for (int i = 0; i < 100; i++) {
            Reactor other = open("other-" + i, errors::add);
            if (i % 2 == 0) {
                other.execute(other::close);
            }
            other.close();
        }
        assertThat(OpenFiles.count()).isEqualTo(before);
    }

    @Test
    void secondRegistrationOfOneDescriptorIsRefused() throws Exception {
        Fd fifo = fifo("a");
        Registration first = reactor.register(fifo, Reactor.Interest.READ, () -> {});
        assertThatThrownBy(() -> reactor.register(fifo, Reactor.Interest.WRITE, () -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("already registered");
        assertThat(reactor.registrations()).isEqualTo(1);
        first.close();
        reactor.register(fifo, Reactor.Interest.WRITE, () -> {});
        fifo.close();
        assertThat(reactor.registrations()).isZero();
        assertThatThrownBy(() -> reactor.register(fifo, Reactor.Interest.READ, () -> {}))
                .isInstanceOf(ClosedChannelException.class);
        assertThat(reactor.registrations()).isZero();
    }

    @Test
    void readBufferIsTheLoopsAlone() {
        assertThatThrownBy(reactor::readBuffer).isInstanceOf(IllegalStateException.class);
    }

    private Fd fifo(String name) throws IOException {
        Path path = dir.resolve(name);
        Fifo.create(path);
        return keep(Fifo.openReadWriteGuard(path));
    }

    private Fd keep(Fd fd) {
        open.add(fd);
        return fd;
    }

    private static void write(Fd fd, String text) throws IOException {
        fd.write(ByteBuffer.wrap(text.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    /** Returns when the loop has gone round at least once since it was called. */
    private void turn() throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            CountDownLatch ran = new CountDownLatch(1);
            reactor.execute(ran::countDown);
            ran.await();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private long loopCpuNanos() throws Exception {
        CompletableFuture<Long> nanos = new CompletableFuture<>();
        reactor.execute(() -> nanos.complete(
                java.lang.management.ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime()));
        return nanos.get();
    }
}
