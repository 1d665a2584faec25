package dev.hawse.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FifoReaderTest {
    @TempDir
    private Path dir;

    private final Queue<Throwable> errors = new ConcurrentLinkedQueue<>();
    private final Reactor reactor = openReactor();

    private Reactor openReactor() {
        try {
            return Reactor.open("test-reactor", errors::add);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void nothingLeftBehind() {
        assertThat(reactor.registrations()).isZero();
        reactor.close();
        assertThat(errors).isEmpty();
    }

    @Test
    void endOfFileComesExactlyWhenTheLastWriterCloses() throws Exception {
        Path path = fifo("guarded");
        Fd guard = Fifo.openReadWriteGuard(path);
        RecordingSink sink = new RecordingSink();
        FifoReader reader = FifoReader.open(reactor, Fifo.openReader(path), sink);
        reader.resume();
        turn();
        assertThat(sink.ends).as("no writer came yet, the guard is there").hasValue(0);
        Fd first = Fifo.openWriter(path);
        Fd second = Fifo.openWriter(path);
        guard.close();
        first.write(utf8("one "));
        first.close();
        turn();
        assertThat(sink.ends).as("one of two writers has closed").hasValue(0);
        second.write(utf8("two"));
        second.close();
        assertThat(sink.awaitEnd()).asString(StandardCharsets.UTF_8).isEqualTo("one two");
        assertThat(sink.ends).hasValue(1);
    }

    @Test
    void guardClosedWithoutAnyWriterIsEndOfFileAtOnce() throws Exception {
        Path path = fifo("nobody");
        Fd guard = Fifo.openReadWriteGuard(path);
        RecordingSink sink = new RecordingSink();
        FifoReader.open(reactor, Fifo.openReader(path), sink).resume();
        guard.close();
        assertThat(sink.awaitEnd()).isEmpty();
    }

    @Test
    void tenThousandSmallChunksArriveInOrder() throws Exception {
        Path path = fifo("small");
        RecordingSink sink = new RecordingSink();
        StringBuilder expected = new StringBuilder();
        try (Fd guard = Fifo.openReadWriteGuard(path)) {
            FifoReader.open(reactor, Fifo.openReader(path), sink).resume();
            try (OutputStream writer = Files.newOutputStream(path)) {
                for (int i = 0; i < 10_000; i++) {
                    String line = "chunk " + i + "\n";
                    expected.append(line);
                    writer.write(line.getBytes(StandardCharsets.UTF_8));
                }
            }
            assertThat(guard.isOpen()).isTrue();
        }
        assertThat(sink.awaitEnd()).asString(StandardCharsets.UTF_8).isEqualTo(expected.toString());
    }

    @Test
    void slowSinkThatPausesLosesNothing() throws Exception {
        Path path = fifo("large");
        int blocks = 64;
        MessageDigest sent = sha256();
        // The sink holds at most one chunk; a second thread takes it and resumes.
        LinkedBlockingQueue<byte[]> handedOver = new LinkedBlockingQueue<>();
        AtomicInteger overrun = new AtomicInteger();
        FifoReader.Sink sink = new FifoReader.Sink() {
            @Override
            public boolean accept(byte[] chunk) {
                if (!handedOver.isEmpty()) {
                    overrun.incrementAndGet();
                }
                handedOver.add(chunk);
                return false;
            }

            @Override
            public void end(@Nullable IOException failure) {
                handedOver.add(new byte[0]);
            }
        };
        MessageDigest received = sha256();
        Fd guard = Fifo.openReadWriteGuard(path);
        guard.pipeCapacity(1 << 20);
        FifoReader reader = FifoReader.open(reactor, Fifo.openReader(path), sink);
        reader.resume();
        Thread producer = Thread.ofPlatform().start(() -> produce(path, blocks, sent));
        Thread consumer = Thread.ofPlatform().start(() -> {
            try {
                for (byte[] chunk = handedOver.take(); chunk.length > 0; chunk = handedOver.take()) {
                    received.update(chunk);
                    reader.resume();
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        producer.join();
        guard.close();
        consumer.join();
        assertThat(received.digest()).isEqualTo(sent.digest());
        assertThat(overrun).as("chunks pushed while paused").hasValue(0);
    }

    @Test
    void resumeDuringAcceptIsNotLost() throws Exception {
        Path path = fifo("early");
        FifoReader[] reader = new FifoReader[1];
        RecordingSink sink = new RecordingSink() {
            @Override
            public boolean accept(byte[] chunk) {
                super.accept(chunk);
                Thread consumer = Thread.ofPlatform().start(reader[0]::resume);
                join(consumer);
                return false;
            }
        };
        Fd guard = Fifo.openReadWriteGuard(path);
        reader[0] = FifoReader.open(reactor, Fifo.openReader(path), sink);
        reader[0].resume();
        guard.write(utf8("one"));
        turn();
        guard.write(utf8("two"));
        guard.close();
        assertThat(sink.awaitEnd()).asString(StandardCharsets.UTF_8).isEqualTo("onetwo");
    }

    @Test
    void fiveHundredFifosShareOneLoop() throws Exception {
        List<RecordingSink> sinks = new ArrayList<>();
        List<Fd> guards = new ArrayList<>();
        long before = OpenFiles.count();
        int threads = Thread.activeCount();
        for (int i = 0; i < 500; i++) {
            Path path = fifo("many-" + i);
            guards.add(Fifo.openReadWriteGuard(path));
            RecordingSink sink = new RecordingSink();
            sinks.add(sink);
            FifoReader.open(reactor, Fifo.openReader(path), sink).resume();
        }
        assertThat(Thread.activeCount()).isEqualTo(threads);
        assertThat(reactor.registrations()).isEqualTo(500);
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < guards.size(); i++) {
                guards.get(i).write(utf8(i + ":" + round + " "));
            }
        }
        guards.forEach(Fd::close);
        for (int i = 0; i < sinks.size(); i++) {
            StringBuilder expected = new StringBuilder();
            for (int round = 0; round < 20; round++) {
                expected.append(i).append(':').append(round).append(' ');
            }
            assertThat(sinks.get(i).awaitEnd()).asString(StandardCharsets.UTF_8).isEqualTo(expected.toString());
        }
        assertThat(OpenFiles.count()).isEqualTo(before);
    }

    @Test
    void closeFromAnotherThreadWhileTrafficFlowsIsFinal() throws Exception {
        Path path = fifo("closing");
        byte[] noise = new byte[8192];
        try (Fd guard = Fifo.openReadWriteGuard(path)) {
            long before = OpenFiles.count();
            AtomicBoolean stop = new AtomicBoolean();
            Thread producer = Thread.ofPlatform().start(() -> {
                try {
                    while (!stop.get()) {
                        guard.write(ByteBuffer.wrap(noise));
                    }
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            AtomicInteger late = new AtomicInteger();
            for (int round = 0; round < 1000; round++) {
                AtomicBoolean closed = new AtomicBoolean();
                CountDownLatch flowing = new CountDownLatch(1);
                FifoReader reader = FifoReader.open(reactor, Fifo.openReader(path), new FifoReader.Sink() {
                    @Override
                    public boolean accept(byte[] chunk) {
                        flowing.countDown();
                        if (closed.get()) {
                            late.incrementAndGet();
                        }
                        return true;
                    }

                    @Override
                    public void end(@Nullable IOException failure) {
                        late.incrementAndGet();
                    }
                });
                reader.resume();
                flowing.await();
                reader.close();
                closed.set(true);
                reader.close();
                reader.resume();
                reader.pause();
            }
            stop.set(true);
            producer.join();
            turn();
            assertThat(late).hasValue(0);
            assertThat(OpenFiles.count()).isEqualTo(before);
        }
    }

    @Test
    void throwingSinkGetsEndWithItsFailureAndOthersGoOn() throws Exception {
        Path path = fifo("bad");
        RecordingSink sink = new RecordingSink() {
            @Override
            public boolean accept(byte[] chunk) {
                throw new IllegalStateException("full");
            }
        };
        Fd guard = Fifo.openReadWriteGuard(path);
        FifoReader.open(reactor, Fifo.openReader(path), sink).resume();
        guard.write(utf8("x"));
        assertThatThrownBy(sink::awaitEnd)
                .isInstanceOf(ExecutionException.class)
                .rootCause()
                .hasMessage("full");
        guard.close();
        turn();
        assertThat(sink.ends).hasValue(1);
        assertThat(errors).hasSize(1);
        errors.clear();
    }

    @Test
    void failedReadEndsWithTheFailure() throws Exception {
        Path path = fifo("wrong-end");
        Fd guard = Fifo.openReadWriteGuard(path);
        RecordingSink sink = new RecordingSink();
        FifoReader.open(reactor, Fifo.openWriter(path), sink).resume();
        guard.close();
        assertThatThrownBy(sink::awaitEnd).hasMessageContaining("read writer " + path + ": EBADF (errno 9)");
    }

    @Test
    void closedReactorEndsItsReaders() throws Exception {
        Path path = fifo("orphan");
        try (Fd guard = Fifo.openReadWriteGuard(path)) {
            assertThat(guard.isOpen()).isTrue();
            RecordingSink sink = new RecordingSink();
            FifoReader.open(reactor, Fifo.openReader(path), sink).resume();
            reactor.close();
            assertThatThrownBy(sink::awaitEnd).hasMessageContaining("reactor closed");
            long before = OpenFiles.count();
            assertThatThrownBy(() -> FifoReader.open(reactor, Fifo.openReader(path), sink))
                    .isInstanceOf(IOException.class);
            assertThat(OpenFiles.count()).isEqualTo(before);
        }
    }

    private static void produce(Path path, int blocks, MessageDigest digest) {
        byte[] block = new byte[1 << 20];
        Random random = new Random(42);
        try (OutputStream writer = Files.newOutputStream(path)) {
            for (int i = 0; i < blocks; i++) {
                random.nextBytes(block);
                digest.update(block);
                writer.write(block);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path fifo(String name) throws IOException {
        Path path = dir.resolve(name);
        Fifo.create(path);
        return path;
    }

    private void turn() throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            CountDownLatch ran = new CountDownLatch(1);
            reactor.execute(ran::countDown);
            ran.await();
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MessageDigest sha256() throws NoSuchAlgorithmException {
        return MessageDigest.getInstance("SHA-256");
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
