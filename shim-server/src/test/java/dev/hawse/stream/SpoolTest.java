package dev.hawse.stream;

import static dev.hawse.runtime.OutputKind.STDERR;
import static dev.hawse.runtime.OutputKind.STDOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SpoolTest {

    /** As many chunks of one byte as a reader may fall behind. */
    private static final int CHUNKS = 10;

    private static final long CAPACITY = CHUNKS * (1 + Spool.CHUNK_OVERHEAD);

    private final Spool spool = Spool.block(CAPACITY);
    private final AtomicInteger room = new AtomicInteger();

    SpoolTest() {
        spool.onRoom(room::incrementAndGet);
    }

    @Test
    void everyReaderGetsEveryByteOnceAndInOrder() {
        var lossless = new Output();
        var lossy = new Output();
        spool.readLossless(lossless).resume();
        spool.readLossy(lossy).resume();

        append(STDOUT, "ab");
        append(STDERR, "x");
        append(STDOUT, "c");
        spool.finish(Exits.of(spool));

        assertThat(lossless.told).containsExactly("out@0 ab", "err@0 x", "out@2 c", "exited");
        assertThat(lossy.told).isEqualTo(lossless.told);
        assertThat(spool.stdoutBytes()).isEqualTo(3);
        assertThat(spool.stderrBytes()).isEqualTo(1);
    }

    @Test
    void whatWaitsOfOneStreamComesTogetherUpToABound() {
        var large = Spool.block(1 << 20);
        var output = new Lengths();
        var reader = large.readLossless(output);
        for (int i = 0; i < 20; i++) {
            large.append(STDOUT, new byte[20 << 10]);
        }
        large.append(STDERR, new byte[1]);
        large.append(STDOUT, new byte[1]);
        large.append(STDOUT, new byte[300 << 10]);
        large.finish(Exits.of(large));
        reader.resume();

        assertThat(output.lengths).containsExactly(240 << 10, 160 << 10, 1, 1, 300 << 10);
    }

    @Test
    void nothingComesBeforeTheFirstResume() {
        var output = new Output();
        var reader = spool.readLossless(output);
        append(STDOUT, "a");
        spool.finish(Exits.of(spool));
        assertThat(output.told).isEmpty();

        reader.resume();
        assertThat(output.told).containsExactly("out@0 a", "exited");
    }

    @Test
    void aReaderThatComesLaterGetsWhatFollows() {
        append(STDOUT, "abc");
        append(STDERR, "x");
        var output = new Output();
        spool.readLossy(output).resume();
        append(STDERR, "y");
        append(STDOUT, "d");
        spool.finish(Exits.of(spool));

        assertThat(output.told).containsExactly("err@1 y", "out@3 d", "exited");
    }

    @Test
    void aReaderThatComesAfterTheEndIsToldIt() {
        append(STDOUT, "abc");
        spool.finish(Exits.of(spool));

        var output = new Output();
        spool.readLossy(output).resume();
        assertThat(output.told).containsExactly("exited");
        assertThat(spool.readers()).isZero();
    }

    @Test
    void onlyTheFirstEndCountsAndNoBytesComeAfterIt() {
        var output = new Output();
        spool.readLossless(output).resume();
        spool.finish(Exits.withCode(1, spool));
        assertThat(append(STDOUT, "a")).isTrue();
        spool.finish(Exits.withCode(2, spool));

        var late = new Output();
        spool.readLossless(late).resume();
        assertThat(output.told).containsExactly("exited");
        assertThat(output.exit).isSameAs(late.exit).isEqualTo(Exits.withCode(1, spool));
        assertThat(spool.stdoutBytes()).isZero();
    }

    @Test
    void aSinkThatWantsNoMoreIsLeftAloneUntilItResumes() {
        var output = new Output();
        output.wants = false;
        var reader = spool.readLossless(output);
        reader.resume();
        append(STDOUT, "a");
        append(STDOUT, "b");
        spool.finish(Exits.of(spool));
        assertThat(output.told).containsExactly("out@0 a");

        reader.resume();
        assertThat(output.told).containsExactly("out@0 a", "out@1 b");
        reader.resume();
        assertThat(output.told).containsExactly("out@0 a", "out@1 b", "exited");
    }

    @Test
    void aResumeInsideTheCallbackOutlivesItsFalse() {
        var nested = new AtomicInteger();
        var output = new Output() {
            SpoolReader reader = spool.readLossless(this);

            @Override
            public boolean output(OutputKind stream, long offset, byte[] bytes) {
                assertThat(nested.getAndIncrement()).isZero();
                super.output(stream, offset, bytes);
                reader.resume();
                nested.getAndDecrement();
                return false;
            }
        };
        output.reader.resume();
        append(STDOUT, "a");
        append(STDOUT, "b");
        spool.finish(Exits.of(spool));

        assertThat(output.told).containsExactly("out@0 a", "out@1 b", "exited");
    }

    @Test
    void aLosslessReaderHoldsTheWriterBackUntilHalfIsRead() {
        var output = new Output();
        output.wants = false;
        var reader = spool.readLossless(output);
        // Of both streams in turn, so that each resume takes one chunk.
        for (int i = 0; i < CHUNKS; i++) {
            assertThat(append(i % 2 == 0 ? STDOUT : STDERR, "a")).isTrue();
        }
        assertThat(append(STDOUT, "a")).isFalse();
        assertThat(append(STDERR, "a")).isFalse();
        assertThat(spool.lastHeldBack()).isCloseTo(System.nanoTime(), within(TimeUnit.SECONDS.toNanos(5)));

        for (int i = 0; i < CHUNKS + 2 - CHUNKS / 2 - 1; i++) {
            reader.resume();
        }
        assertThat(room).hasValue(0);
        reader.resume();
        assertThat(room).hasValue(1);
        var released = spool.lastHeldBack();
        assertThat(append(STDOUT, "a")).isTrue();
        assertThat(spool.lastHeldBack()).isEqualTo(released);
        assertThat(room).hasValue(1);
    }

    @Test
    void theSlowestLosslessReaderCounts() {
        spool.readLossless(new Output()).resume();
        var slow = spool.readLossless(new Output());
        spool.readLossy(new Output());
        fill();
        assertThat(append(STDOUT, "a")).isFalse();

        slow.resume();
        assertThat(room).hasValue(1);
    }

    @Test
    void theWriterGoesOnWhenTheSlowReaderCloses() {
        var reader = spool.readLossless(new Output());
        fill();
        assertThat(append(STDOUT, "a")).isFalse();

        reader.close();
        reader.close();
        assertThat(room).hasValue(1);
        assertThat(append(STDOUT, "a")).isTrue();
        assertThat(spool.readers()).isZero();
    }

    @Test
    void roomThatIsMadeInsideTheAppendIsNotLost() {
        var output = new Output() {
            @Override
            public boolean output(OutputKind stream, long offset, byte[] bytes) {
                super.output(stream, offset, bytes);
                return told.size() != 1;
            }
        };
        var reader = spool.readLossless(output);
        reader.resume();
        append(STDOUT, "a");
        fill();
        spool.onRoom(() -> {
            room.incrementAndGet();
            // As the writer that waits would.
            assertThat(append(STDOUT, "b")).isTrue();
        });
        assertThat(append(STDOUT, "a")).isFalse();
        reader.resume();
        assertThat(room).hasValue(1);
        assertThat(output.told).last().isEqualTo("out@12 b");
    }

    @Test
    void aLossyReaderNeverHoldsTheWriterBackAndIsToldTheExactGap() {
        var output = new Output();
        output.wants = false;
        var reader = spool.readLossy(output);
        reader.resume();
        for (int i = 0; i < 100; i++) {
            assertThat(append(STDOUT, Character.toString('a' + i % 26))).isTrue();
        }
        output.wants = true;
        reader.resume();

        assertThat(output.told).containsExactly("out@0 a", "out@1..90 missing", "out@90 mnopqrstuv");
    }

    @Test
    void gapsOfBothStreamsAreToldBeforeWhatFollowsThem() {
        var output = new Output();
        var reader = spool.readLossy(output);
        for (int i = 0; i < 5; i++) {
            append(STDERR, "e");
        }
        for (int i = 0; i < 2 * CHUNKS; i++) {
            append(STDOUT, "o");
        }
        append(STDERR, "e");
        reader.resume();

        assertThat(output.told).containsExactly("out@0..11 missing", "err@0..5 missing", "out@11 ooooooooo", "err@5 e");
    }

    @Test
    void aGapOfAStreamThatSaysNothingMoreIsToldToo() {
        var output = new Output();
        var reader = spool.readLossy(output);
        append(STDERR, "lost");
        for (int i = 0; i < CHUNKS; i++) {
            append(STDOUT, "o");
        }
        spool.finish(Exits.of(spool));
        reader.resume();

        assertThat(output.told).containsExactly("err@0..4 missing", "out@0 oooooooooo", "exited");
    }

    @Test
    void aLossyReaderThatKeepsUpMissesNothingHoweverLargeTheChunk() {
        var keepsUp = new Output();
        spool.readLossy(keepsUp).resume();
        var stalled = new Output();
        var reader = spool.readLossy(stalled);
        var large = "x".repeat((int) CAPACITY + 1);

        append(STDOUT, large);
        append(STDOUT, large);
        spool.finish(Exits.of(spool));
        assertThat(keepsUp.told).containsExactly("out@0 " + large, "out@" + large.length() + " " + large, "exited");

        reader.resume();
        assertThat(stalled.told)
                .containsExactly(
                        "out@0.." + large.length() + " missing", "out@" + large.length() + " " + large, "exited");
    }

    @Test
    void aSinkThatClosesItsReaderHearsNothingMore() {
        var inOutput = new Output() {
            final SpoolReader reader = spool.readLossless(this);

            @Override
            public boolean output(OutputKind stream, long offset, byte[] bytes) {
                reader.close();
                return super.output(stream, offset, bytes);
            }
        };
        var inGap = new Output() {
            final SpoolReader reader = spool.readLossy(this);

            @Override
            public void gap(OutputKind stream, long from, long to, GapCause cause) {
                reader.close();
                super.gap(stream, from, to, cause);
            }
        };
        append(STDERR, "e");
        fill();
        append(STDOUT, "a");
        append(STDOUT, "a");
        inOutput.reader.resume();
        inGap.reader.resume();
        spool.finish(Exits.of(spool));

        assertThat(inOutput.told).containsExactly("err@0 e");
        assertThat(inGap.told).containsExactly("out@0..2 missing");
    }

    @Test
    void aSinkThatThrowsHurtsNobodyElse() {
        var throwing = new Output() {
            @Override
            public boolean output(OutputKind stream, long offset, byte[] bytes) {
                throw new IllegalStateException("as a test wants it");
            }
        };
        var other = new Output();
        spool.readLossless(throwing).resume();
        spool.readLossless(other).resume();
        for (int i = 0; i < 2 * CHUNKS; i++) {
            assertThat(append(STDOUT, "a")).isTrue();
        }
        spool.finish(Exits.of(spool));

        assertThat(throwing.told).isEmpty();
        assertThat(other.told).hasSize(2 * CHUNKS + 1).endsWith("exited");
        assertThat(spool.readers()).isZero();
    }

    @Test
    void theReaderIsGoneBeforeItsSinkIsToldTheEnd() {
        var left = new ArrayList<Integer>();
        var output = new Output() {
            @Override
            public void exited(ProcessExit end) {
                left.add(spool.readers());
            }
        };
        spool.readLossless(output).resume();
        spool.finish(Exits.of(spool));
        assertThat(left).containsExactly(0);
    }

    @Test
    void bytesThatEveryReaderHasHadAreFreed() {
        var readers = List.of(spool.readLossless(ignoring()), spool.readLossy(ignoring()));
        readers.forEach(SpoolReader::resume);
        awaitFreed(List.of(appendChunk()), 0);
        readers.forEach(SpoolReader::close);
    }

    @Test
    void aStalledLossyReaderKeepsNoMoreThanTheCapacityAndOneChunk() {
        var reader = spool.readLossy(ignoring());
        var chunks = new ArrayList<WeakReference<byte[]>>();
        for (int i = 0; i < 100; i++) {
            chunks.add(appendChunk());
        }
        awaitFreed(chunks, CHUNKS + 1);
        reader.close();
    }

    @Test
    void aClosedReaderKeepsNothing() {
        var reader = spool.readLossless(ignoring());
        reader.close();
        awaitFreed(List.of(appendChunk()), 0);
        reader.close();
    }

    private static Output ignoring() {
        return new Output() {
            @Override
            public boolean output(OutputKind stream, long offset, byte[] bytes) {
                return true;
            }
        };
    }

    private static void awaitFreed(List<WeakReference<byte[]>> chunks, int allBut) {
        await().untilAsserted(() -> {
            System.gc();
            assertThat(chunks).filteredOn(chunk -> chunk.get() != null).hasSizeLessThanOrEqualTo(allBut);
        });
    }

    private WeakReference<byte[]> appendChunk() {
        var chunk = new byte[1];
        spool.append(STDOUT, chunk);
        return new WeakReference<>(chunk);
    }

    /** Notes how much each call brings. */
    private static final class Lengths implements OutputSink {
        private final List<Integer> lengths = new ArrayList<>();

        @Override
        public boolean output(OutputKind stream, long offset, byte[] bytes) {
            lengths.add(bytes.length);
            return true;
        }

        @Override
        public void gap(OutputKind stream, long from, long to, GapCause cause) {
            throw new AssertionError("a lossless reader has no gaps");
        }

        @Override
        public void exited(ProcessExit exit) {}
    }

    /** Appends as many chunks as a reader may fall behind. */
    private void fill() {
        for (int i = 0; i < CHUNKS; i++) {
            append(STDOUT, "a");
        }
    }

    private boolean append(OutputKind stream, String bytes) {
        return spool.append(stream, bytes.getBytes(StandardCharsets.ISO_8859_1));
    }
}
