package dev.hawse.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class FifoWriterTest {
    private static final int CAPACITY = 64 * 1024;

    @TempDir
    private Path dir;

    private final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
    private final Queue<IOException> failures = new ConcurrentLinkedQueue<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final MemorySegment buffer = Arena.ofAuto().allocate(CAPACITY);
    private final Reactor reactor = openReactor();
    private Path path = Path.of("");

    private Reactor openReactor() {
        try {
            return Reactor.open("test-reactor", errors::add);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void create() throws IOException {
        path = dir.resolve("stdin");
        Fifo.create(path);
    }

    @AfterEach
    void nothingLeftBehind() {
        assertThat(reactor.registrations()).isZero();
        reactor.close();
        assertThat(errors).isEmpty();
    }

    @Test
    void whatFitsIsWrittenAndAcceptedBeforeWriteReturns() throws Exception {
        try (Fd reader = openReader();
                FifoWriter writer = openWriter()) {
            for (int i = 1; i <= 10; i++) {
                writer.write(new byte[100], accepted::incrementAndGet);
                assertThat(accepted).hasValue(i);
            }
            assertThat(reader.read(buffer)).isEqualTo(1000);
        }
    }

    @Test
    void acceptedIsNotCalledWhileNobodyReads() throws Exception {
        try (Fd reader = openReader();
                FifoWriter writer = openWriter()) {
            CountDownLatch drained = new CountDownLatch(1);
            byte[] data = new byte[CAPACITY + 50_000];
            new Random(7).nextBytes(data);
            writer.write(data, () -> {
                accepted.incrementAndGet();
                drained.countDown();
            });
            turn();
            turn();
            assertThat(accepted).hasValue(0);
            assertThatThrownBy(() -> writer.write(new byte[1], () -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("before the last write was accepted");
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            while (got.size() < data.length) {
                int count = reader.read(buffer);
                got.writeBytes(buffer.asSlice(0, count).toArray(JAVA_BYTE));
            }
            drained.await();
            assertThat(got.toByteArray()).isEqualTo(data);
            assertThat(accepted).hasValue(1);
            writer.write(new byte[1], accepted::incrementAndGet);
            assertThat(accepted).hasValue(2);
        }
    }

    @Test
    void largeWritesChainedByAcceptedArriveCompleteThroughTheReactor() throws Exception {
        byte[] data = new byte[300_000];
        new Random(3).nextBytes(data);
        RecordingSink sink = new RecordingSink();
        Fd guard = Fifo.openReadWriteGuard(path);
        FifoReader.open(reactor, Fifo.openReader(path), sink).resume();
        FifoWriter writer = FifoWriter.open(reactor, Fifo.openWriter(path), failures::add);
        guard.close();
        AtomicInteger left = new AtomicInteger(20);
        Runnable next = new Runnable() {
            @Override
            public void run() {
                if (left.getAndDecrement() > 0) {
                    writer.write(data, this);
                } else {
                    writer.closeWhenFlushed(closed::incrementAndGet);
                }
            }
        };
        next.run();
        byte[] got = sink.awaitEnd();
        assertThat(got).hasSize(20 * data.length);
        assertThat(ByteBuffer.wrap(got, 19 * data.length, data.length)).isEqualTo(ByteBuffer.wrap(data));
        turn();
        assertThat(closed).hasValue(1);
        assertThat(failures).isEmpty();
    }

    @Test
    void closeWhenFlushedClosesAtOnceWhenNothingIsPending() throws Exception {
        try (Fd reader = openReader()) {
            FifoWriter writer = openWriter();
            writer.write(new byte[10], accepted::incrementAndGet);
            writer.closeWhenFlushed(closed::incrementAndGet);
            assertThat(closed).hasValue(1);
            assertThat(reader.read(buffer)).isEqualTo(10);
            assertThat(reader.read(buffer)).isEqualTo(Fd.EOF);
            assertThatThrownBy(() -> writer.write(new byte[1], () -> {})).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> writer.closeWhenFlushed(() -> {})).isInstanceOf(IllegalStateException.class);
            writer.close();
            assertThat(closed).hasValue(1);
        }
    }

    @Test
    void closeWhenFlushedWaitsForWhatIsPending() throws Exception {
        try (Fd reader = openReader()) {
            FifoWriter writer = openWriter();
            CountDownLatch done = new CountDownLatch(1);
            writer.write(new byte[CAPACITY + 1], accepted::incrementAndGet);
            writer.closeWhenFlushed(() -> {
                closed.incrementAndGet();
                done.countDown();
            });
            turn();
            assertThat(closed).hasValue(0);
            int got = 0;
            for (int count = reader.read(buffer); count != Fd.EOF; count = reader.read(buffer)) {
                got += count;
            }
            assertThat(got).isEqualTo(CAPACITY + 1);
            done.await();
            assertThat(accepted).hasValue(1);
        }
    }

    @Test
    void brokenPipeIsReportedOnceAndLaterWritesAreDroppedAndAccepted() throws Exception {
        Fd reader = openReader();
        FifoWriter writer = openWriter();
        reader.close();
        for (int i = 1; i <= 3; i++) {
            writer.write(new byte[10], accepted::incrementAndGet);
            assertThat(accepted).hasValue(i);
        }
        writer.closeWhenFlushed(closed::incrementAndGet);
        assertThat(closed).hasValue(1);
        assertThat(failures)
                .singleElement()
                .isInstanceOfSatisfying(
                        SysException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPIPE));
    }

    @Test
    void readerThatGoesAwayFreesAPendingWrite() throws Exception {
        Fd reader = openReader();
        FifoWriter writer = openWriter();
        CountDownLatch done = new CountDownLatch(1);
        writer.write(new byte[CAPACITY * 2], accepted::incrementAndGet);
        writer.closeWhenFlushed(done::countDown);
        turn();
        assertThat(accepted).hasValue(0);
        reader.close();
        done.await();
        assertThat(accepted).hasValue(1);
        assertThat(failures).hasSize(1);
    }

    @Test
    void immediateCloseStillRunsEveryCallbackOnce() throws Exception {
        try (Fd reader = openReader()) {
            FifoWriter writer = openWriter();
            writer.write(new byte[CAPACITY * 2], accepted::incrementAndGet);
            writer.closeWhenFlushed(closed::incrementAndGet);
            writer.close();
            writer.close();
            turn();
            assertThat(accepted).hasValue(1);
            assertThat(closed).hasValue(1);
            assertThat(failures).isEmpty();
            assertThat(reader.isOpen()).isTrue();
        }
    }

    @Test
    void writesAfterImmediateCloseAreDroppedAndAccepted() throws Exception {
        try (Fd reader = openReader()) {
            FifoWriter writer = openWriter();
            writer.close();
            writer.write(new byte[10], accepted::incrementAndGet);
            assertThat(accepted).hasValue(1);
            assertThat(reader.read(buffer)).isEqualTo(Fd.EOF);
        }
    }

    @Test
    void throwingCallbackIsReportedAndClosesTheWriter() throws Exception {
        try (Fd reader = openReader()) {
            FifoWriter writer = openWriter();
            writer.write(new byte[CAPACITY + 1], () -> {
                throw new IllegalStateException("accepted");
            });
            reader.read(buffer);
            while (errors.isEmpty()) {
                turn();
            }
            assertThat(errors).singleElement().satisfies(e -> assertThat(e).hasMessage("accepted"));
            errors.clear();
            while (reader.read(buffer) != Fd.EOF) {
                turn();
            }
            writer.write(new byte[10], accepted::incrementAndGet);
            assertThat(accepted).hasValue(1);
        }
    }

    @Test
    void closedReactorFreesAPendingWrite() throws Exception {
        try (Fd reader = openReader()) {
            FifoWriter writer = openWriter();
            writer.write(new byte[CAPACITY * 2], accepted::incrementAndGet);
            reactor.close();
            assertThat(accepted).hasValue(1);
            assertThat(reader.isOpen()).isTrue();
            long before = OpenFiles.count();
            assertThatThrownBy(this::openWriter).isInstanceOf(IOException.class);
            assertThat(OpenFiles.count()).isEqualTo(before);
        }
    }

    @Test
    void closeWhileWritingLeavesNoDescriptorBehind() throws Exception {
        long before = OpenFiles.count();
        byte[] data = new byte[100_000];
        for (int round = 0; round < 1000; round++) {
            try (Fd reader = openReader()) {
                FifoWriter writer = openWriter();
                Thread closer = Thread.ofPlatform().start(writer::close);
                writer.write(data, accepted::incrementAndGet);
                reader.read(buffer);
                closer.join();
            }
        }
        turn();
        assertThat(accepted).hasValue(1000);
        assertThat(OpenFiles.count()).isEqualTo(before);
    }

    private Fd openReader() throws IOException {
        try (Fd guard = Fifo.openReadWriteGuard(path)) {
            assertThat(guard.isOpen()).isTrue();
            return Fifo.openReader(path);
        }
    }

    private FifoWriter openWriter() throws IOException {
        return FifoWriter.open(reactor, Fifo.openWriter(path), failures::add);
    }

    private void turn() throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            CountDownLatch ran = new CountDownLatch(1);
            reactor.execute(ran::countDown);
            ran.await();
        }
    }
}
