package dev.hawse.sys;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class FdTest {
    @TempDir
    private Path dir;

    private Arena arena = Arena.ofAuto();
    private MemorySegment buffer = MemorySegment.NULL;
    private Path path = Path.of("");

    @BeforeEach
    void create() throws IOException {
        arena = Arena.ofShared();
        buffer = arena.allocate(128 * 1024);
        path = dir.resolve("fifo");
        Fifo.create(path);
    }

    @AfterEach
    void free() {
        arena.close();
    }

    @Test
    void nothingYetAndEndOfFileAreDistinct() throws IOException {
        Fd guard = Fifo.openReadWriteGuard(path);
        try (Fd reader = Fifo.openReader(path)) {
            assertThat(reader.read(buffer)).isEqualTo(Fd.WOULD_BLOCK);
            try (Fd writer = Fifo.openWriter(path)) {
                guard.close();
                assertThat(reader.read(buffer)).isEqualTo(Fd.WOULD_BLOCK);
                assertThat(writer.write(utf8("last words"))).isEqualTo(10);
            }
            assertThat(reader.read(buffer)).isEqualTo(10);
            assertThat(buffer.asSlice(0, 10).toArray(JAVA_BYTE))
                    .isEqualTo("last words".getBytes(StandardCharsets.UTF_8));
            assertThat(reader.read(buffer)).isEqualTo(Fd.EOF);
            assertThat(reader.read(buffer)).isEqualTo(Fd.EOF);
        }
    }

    @Test
    void everyKindOfBufferIsWrittenFromItsPositionToItsLimit() throws IOException {
        try (Fd guard = Fifo.openReadWriteGuard(path)) {
            byte[] bytes = "__payload__".getBytes(StandardCharsets.UTF_8);
            ByteBuffer direct =
                    ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
            for (ByteBuffer source : new ByteBuffer[] {
                ByteBuffer.wrap(bytes), ByteBuffer.wrap(bytes).asReadOnlyBuffer(), direct, direct.asReadOnlyBuffer()
            }) {
                source.position(2).limit(9);
                assertThat(guard.write(source)).isEqualTo(7);
                assertThat(source.hasRemaining()).isFalse();
                assertThat(guard.read(buffer)).isEqualTo(7);
                assertThat(new String(buffer.asSlice(0, 7).toArray(JAVA_BYTE), StandardCharsets.UTF_8))
                        .isEqualTo("payload");
            }
            assertThat(guard.write(ByteBuffer.allocate(0))).isZero();
        }
    }

    @Test
    void unreadIsWhatNobodyHasRead() throws IOException {
        try (Fd guard = Fifo.openReadWriteGuard(path)) {
            assertThat(guard.unread()).isZero();
            assertThat(guard.write(utf8("some words"))).isEqualTo(10);
            assertThat(guard.unread()).isEqualTo(10);
            assertThat(guard.read(buffer)).isEqualTo(10);
            assertThat(guard.unread()).isZero();
        }
    }

    @Test
    void writeTakesWhatFitsAndLeavesTheRest() throws IOException {
        try (Fd guard = Fifo.openReadWriteGuard(path)) {
            int capacity = guard.pipeCapacity();
            ByteBuffer tooMuch = ByteBuffer.allocate(capacity + 1000);
            assertThat(guard.write(tooMuch)).isEqualTo(capacity);
            assertThat(tooMuch.remaining()).isEqualTo(1000);
            assertThat(guard.write(tooMuch)).isEqualTo(Fd.WOULD_BLOCK);
            assertThat(tooMuch.remaining()).isEqualTo(1000);
        }
    }

    @Test
    void readerThatIsGoneIsBrokenPipeAndNoSignalKillsTheProcess() throws IOException {
        Fd guard = Fifo.openReadWriteGuard(path);
        try (Fd writer = Fifo.openWriter(path)) {
            guard.close();
            assertThatThrownBy(() -> writer.write(utf8("x")))
                    .isInstanceOfSatisfying(
                            SysException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPIPE));
        }
    }

    @Test
    void pipeCapacityIsGrantedOrLeftAsItWas() throws IOException {
        try (Fd guard = Fifo.openReadWriteGuard(path)) {
            assertThat(guard.pipeCapacity()).isEqualTo(64 * 1024);
            assertThat(guard.pipeCapacity(1 << 20)).isBetween(64 * 1024, 1 << 20);
            int capacity = guard.pipeCapacity();
            guard.write(ByteBuffer.allocate(capacity));
            assertThat(guard.pipeCapacity(4096))
                    .as("more bytes in it than asked for")
                    .isEqualTo(capacity);
        }
    }

    @Test
    void heapMemoryIsRefusedAsReadTarget() throws IOException {
        try (Fd guard = Fifo.openReadWriteGuard(path)) {
            assertThatThrownBy(() -> guard.read(MemorySegment.ofArray(new byte[10])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("native memory");
            assertThatThrownBy(() -> guard.read(buffer.asSlice(0, 0))).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void everyCallAfterCloseThrowsAndCloseIsIdempotent() throws IOException {
        Fd guard = Fifo.openReadWriteGuard(path);
        guard.close();
        guard.close();
        assertThat(guard.isOpen()).isFalse();
        assertThatThrownBy(() -> guard.read(buffer)).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> guard.write(utf8("x"))).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(guard::pipeCapacity).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void closedDescriptorNeverReachesTheFileThatGotItsNumber() throws Exception {
        Path secret = dir.resolve("secret");
        Fifo.create(secret);
        AtomicInteger leaked = new AtomicInteger();
        // As often as a few seconds allow: on a busy machine both threads wait for each other's turn.
        long until = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        for (int round = 0; round < 1000 && (round < 20 || System.nanoTime() < until); round++) {
            Fd first = Fifo.openReadWriteGuard(path);
            AtomicBoolean reading = new AtomicBoolean();
            CompletableFuture<Void> user = CompletableFuture.runAsync(() -> {
                try {
                    while (true) {
                        if (first.read(buffer) != Fd.WOULD_BLOCK) {
                            leaked.incrementAndGet();
                        }
                        reading.set(true);
                    }
                } catch (IOException e) {
                    assertThat(e).isInstanceOf(ClosedChannelException.class);
                }
            });
            while (!reading.get()) {
                Thread.sleep(0, 1000);
            }
            first.close();
            // The lowest free number is the one that was just closed.
            try (Fd second = Fifo.openReadWriteGuard(secret)) {
                second.write(utf8("not yours"));
                user.get();
                assertThat(second.read(buffer)).isEqualTo(9);
            }
        }
        assertThat(leaked).hasValue(0);
    }

    private static ByteBuffer utf8(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
