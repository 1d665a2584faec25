package dev.hawse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import java.util.ArrayList;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many threads at once, for a few seconds in all. A wake-up that is lost shows as a time-out. */
@Timeout(60)
class SpoolStressTest {

    private static final long CAPACITY = 4096;
    private static final int CHUNKS = 100_000;

    private final Spool spool = Spool.block(CAPACITY);
    private final AtomicInteger room = new AtomicInteger();

    /** Resumes readers from another thread than the writer's. */
    @AutoClose
    private final ExecutorService resumer = Executors.newSingleThreadExecutor();

    @BeforeEach
    void wakeTheWriter() {
        spool.onRoom(() -> {
            synchronized (room) {
                room.incrementAndGet();
                room.notifyAll();
            }
        });
    }

    /** Checks that every byte comes once, in order, or is told missing; stalls now and then. */
    private class Checker implements OutputSink {
        private final int stallEvery;
        private final SplittableRandom random;
        final CompletableFuture<ProcessExit> end = new CompletableFuture<>();
        private final AtomicInteger inside = new AtomicInteger();
        final SpoolReader reader;
        private long stdoutAt;
        private long stderrAt;
        private long missing;

        @SuppressWarnings("this-escape")
        Checker(boolean lossless, int stallEvery, long seed) {
            this.stallEvery = stallEvery;
            this.random = new SplittableRandom(seed);
            this.reader = lossless ? spool.readLossless(this) : spool.readLossy(this);
        }

        Checker begin() {
            reader.resume();
            return this;
        }

        @Override
        public boolean output(OutputKind stream, long offset, byte[] bytes) {
            enter();
            expect(stream, offset, offset + bytes.length);
            for (int i = 0; i < bytes.length; i++) {
                if (bytes[i] != content(offset + i)) {
                    fail("a wrong byte at " + (offset + i));
                }
            }
            var stalls = stallEvery > 0 && random.nextInt(stallEvery) == 0;
            if (stalls) {
                switch (random.nextInt(3)) {
                    case 0 -> reader.resume();
                    default -> resumer.execute(reader::resume);
                }
            }
            inside.getAndDecrement();
            return !stalls;
        }

        @Override
        public void gap(OutputKind stream, long from, long to, GapCause cause) {
            enter();
            if (!reader.isLossy() || to <= from) {
                fail("a gap of " + from + " to " + to);
            }
            expect(stream, from, to);
            missing += to - from;
            inside.getAndDecrement();
        }

        @Override
        public void exited(ProcessExit exit) {
            enter();
            if (stdoutAt != exit.stdoutBytes() || stderrAt != exit.stderrBytes()) {
                fail("the end came after " + stdoutAt + " and " + stderrAt + " bytes");
            }
            end.complete(exit);
        }

        private void expect(OutputKind stream, long from, long to) {
            if (from != (stream == OutputKind.STDOUT ? stdoutAt : stderrAt)) {
                fail(stream + " went on at " + from);
            }
            if (stream == OutputKind.STDOUT) {
                stdoutAt = to;
            } else {
                stderrAt = to;
            }
        }

        private void enter() {
            if (inside.getAndIncrement() != 0) {
                fail("two calls at once");
            }
        }

        private void fail(String what) {
            end.completeExceptionally(new AssertionError(what));
        }
    }

    private static byte content(long offset) {
        return (byte) (offset * 31 + (offset >>> 8));
    }

    /** Appends as the reader of a FIFO does: after false it waits for room that was made since the append began. */
    private final class Writer {
        private final SplittableRandom random = new SplittableRandom(42);
        private long heldBack;

        void write(int chunks) throws InterruptedException {
            for (int i = 0; i < chunks; i++) {
                var stream = random.nextInt(4) == 0 ? OutputKind.STDERR : OutputKind.STDOUT;
                var offset = stream == OutputKind.STDOUT ? spool.stdoutBytes() : spool.stderrBytes();
                var bytes = new byte[1 + random.nextInt(64)];
                for (int k = 0; k < bytes.length; k++) {
                    bytes[k] = content(offset + k);
                }
                var before = room.get();
                if (!spool.append(stream, bytes)) {
                    heldBack++;
                    synchronized (room) {
                        while (room.get() == before) {
                            room.wait();
                        }
                    }
                }
            }
        }
    }

    @Test
    void everyReaderGetsEverythingWhileOthersStall() throws Exception {
        var readers = new ArrayList<Checker>();
        for (int i = 0; i < 3; i++) {
            readers.add(new Checker(true, 1 + 20 * i, i).begin());
            readers.add(new Checker(false, 1 + 20 * i, 10 + i).begin());
        }
        var greedy = new Checker(true, 0, 0).begin();
        readers.add(greedy);

        new Writer().write(CHUNKS);
        spool.finish(Exits.of(spool));

        for (var reader : readers) {
            reader.end.get();
        }
        assertThat(greedy.missing).isZero();
        assertThat(spool.readers()).isZero();
    }

    @Test
    void aWriterThatIsHeldBackAtEveryChunkIsAlwaysReleased() throws Exception {
        var tight = Spool.block(1);
        var woken = new AtomicInteger();
        tight.onRoom(() -> {
            synchronized (woken) {
                woken.incrementAndGet();
                woken.notifyAll();
            }
        });
        var got = new AtomicLong();
        var end = new CompletableFuture<ProcessExit>();
        var sink = new OutputSink() {
            final SpoolReader reader = tight.readLossless(this);

            @Override
            public boolean output(OutputKind stream, long offset, byte[] bytes) {
                got.addAndGet(bytes.length);
                resumer.execute(reader::resume);
                return false;
            }

            @Override
            public void gap(OutputKind stream, long from, long to, GapCause cause) {
                end.completeExceptionally(new AssertionError("a gap"));
            }

            @Override
            public void exited(ProcessExit exit) {
                end.complete(exit);
            }
        };
        sink.reader.resume();
        for (int i = 0; i < CHUNKS; i++) {
            var before = woken.get();
            if (!tight.append(OutputKind.STDOUT, new byte[1])) {
                synchronized (woken) {
                    while (woken.get() == before) {
                        woken.wait();
                    }
                }
            }
        }
        tight.finish(Exits.of(tight));
        end.get();
        assertThat(got).hasValue(CHUNKS);
    }

    @Test
    void readersThatComeAndGoLeaveTheWriterFree() throws Exception {
        var steady = new Checker(true, 50, 1).begin();
        var done = new CountDownLatch(1);
        var restless = Thread.ofPlatform().start(() -> {
            var random = new SplittableRandom(7);
            while (done.getCount() > 0) {
                // They never read, so only their closing releases the writer.
                try (var unread = spool.readLossless(new Output());
                        var lossy = spool.readLossy(new Output())) {
                    lossy.resume();
                    for (int i = random.nextInt(2000); i > 0; i--) {
                        Thread.onSpinWait();
                    }
                    assertThat(unread.isLossy()).isFalse();
                }
            }
        });
        new Writer().write(CHUNKS / 2);
        done.countDown();
        restless.join();
        spool.finish(Exits.of(spool));
        steady.end.get();
        assertThat(spool.readers()).isZero();
    }

    @RepeatedTest(500)
    void whoeverBeginsToReadAroundTheEndIsToldItOnce() throws Exception {
        var ends = new AtomicInteger();
        var heard = new CountDownLatch(1);
        var go = new CountDownLatch(1);
        var finishing = Thread.ofPlatform().start(() -> {
            awaitQuietly(go);
            spool.finish(Exits.of(spool));
        });
        go.countDown();
        spool.readLossy(new Output() {
                    @Override
                    public void exited(ProcessExit end) {
                        ends.incrementAndGet();
                        heard.countDown();
                    }
                })
                .resume();
        heard.await();
        finishing.join();
        assertThat(ends).hasValue(1);
    }

    @Test
    void noReaderFallsFurtherBehindThanTheCapacityAndOneChunk() throws Exception {
        var most = new AtomicLong();
        var slow = new Checker(true, 1, 3) {
            @Override
            public boolean output(OutputKind stream, long offset, byte[] bytes) {
                most.accumulateAndGet(spool.tailWeight() - reader.weight(), Math::max);
                return super.output(stream, offset, bytes);
            }
        };
        slow.begin();
        var writer = new Writer();
        writer.write(CHUNKS / 2);
        spool.finish(Exits.of(spool));
        slow.end.get();
        assertThat(writer.heldBack).isPositive();
        assertThat(most).hasValueLessThanOrEqualTo(CAPACITY + 64 + Spool.CHUNK_OVERHEAD);
    }

    @Test
    @Timeout(5)
    void aMillionSingleBytesAreQuick() {
        var got = new AtomicLong();
        spool.readLossless(new Output() {
                    @Override
                    public boolean output(OutputKind stream, long offset, byte[] bytes) {
                        got.setPlain(got.getPlain() + bytes.length);
                        return true;
                    }
                })
                .resume();
        for (int i = 0; i < 1_000_000; i++) {
            spool.append(OutputKind.STDOUT, new byte[1]);
        }
        assertThat(got.getPlain()).isEqualTo(1_000_000);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
