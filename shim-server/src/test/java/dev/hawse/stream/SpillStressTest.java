package dev.hawse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ReadFrom;
import dev.hawse.stream.SpoolPolicy.Unread;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many threads and a real disk. A wake-up that is lost shows as a time-out. */
@Timeout(60)
class SpillStressTest {

    private static final int CHUNKS = 50_000;

    @TempDir
    Path dir;

    @AutoClose
    private final ExecutorService workers = Executors.newFixedThreadPool(2);

    @AutoClose
    private final ExecutorService resumer = Executors.newSingleThreadExecutor();

    /** Checks every byte, and stalls now and then. */
    private final class Checker implements OutputSink {
        private final SplittableRandom random;
        private final int stallEvery;
        private final CompletableFuture<Void> end = new CompletableFuture<>();
        private final SpoolReader reader;
        private final long[] next;

        Checker(Spool spool, ReadFrom from, boolean lossless, int stallEvery) {
            this.random = new SplittableRandom(stallEvery);
            this.stallEvery = stallEvery;
            this.reader = lossless ? spool.readLossless(from, this) : spool.readLossy(from, this);
            this.next = new long[] {reader.from().stdout(), reader.from().stderr()};
        }

        @Override
        public boolean output(OutputKind stream, long offset, byte[] bytes) {
            expect(offset == next[slot(stream)], stream + " went on at " + offset);
            for (int i = 0; i < bytes.length; i++) {
                expect(bytes[i] == content(offset + i), "a wrong byte at " + (offset + i));
            }
            next[slot(stream)] += bytes.length;
            if (random.nextInt(stallEvery) != 0) {
                return true;
            }
            resumer.execute(reader::resume);
            return false;
        }

        @Override
        public void gap(OutputKind stream, long from, long to, GapCause cause) {
            expect(reader.isLossy() && from == next[slot(stream)] && to > from, "a gap at " + from);
            next[slot(stream)] = to;
        }

        @Override
        public void exited(ProcessExit exit) {
            expect(next[0] == exit.stdoutBytes() && next[1] == exit.stderrBytes(), "the end came too early");
            end.complete(null);
        }

        private void expect(boolean so, String otherwise) {
            if (!so) {
                end.completeExceptionally(new AssertionError(otherwise));
            }
        }
    }

    private static int slot(OutputKind stream) {
        return stream == OutputKind.STDOUT ? 0 : 1;
    }

    private static byte content(long offset) {
        return (byte) (offset * 31 + (offset >>> 8));
    }

    @Test
    void slowReadersGetEverythingByWayOfTheDisk() throws Exception {
        var room = new Semaphore(0);
        try (var spool = Spool.of(new SpoolPolicy.Spill(4096, 100_000, dir, workers, Unread.WAIT), 2000)) {
            spool.onRoom(room::release);
            var readers = new ArrayList<Checker>();
            for (var stallEvery : new int[] {2, 5, 50}) {
                readers.add(new Checker(spool, new ReadFrom.Now(), true, stallEvery));
                readers.add(new Checker(spool, new ReadFrom.Now(), false, stallEvery));
            }
            readers.forEach(checker -> checker.reader.resume());
            var random = new SplittableRandom(1);
            for (int i = 0; i < CHUNKS; i++) {
                write(spool, room, random);
                if (i % 1000 == 500) {
                    var late = new Checker(spool, new ReadFrom.Oldest(), i % 3 != 0, 3);
                    late.reader.resume();
                    readers.add(late);
                }
                if (i % 1000 == 999) {
                    // Somebody goes in the middle of it.
                    readers.removeLast().reader.close();
                }
            }
            spool.finish(Exits.of(spool));
            for (var checker : readers) {
                checker.end.get();
            }
            assertThat(spool.readers()).isZero();
        }
    }

    private static void write(Spool spool, Semaphore room, SplittableRandom random) throws InterruptedException {
        var stream = random.nextInt(4) == 0 ? OutputKind.STDERR : OutputKind.STDOUT;
        var offset = stream == OutputKind.STDOUT ? spool.stdoutBytes() : spool.stderrBytes();
        var bytes = new byte[1 + random.nextInt(200)];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = content(offset + i);
        }
        room.drainPermits();
        if (!spool.append(stream, bytes)) {
            room.acquire();
        }
    }
}
