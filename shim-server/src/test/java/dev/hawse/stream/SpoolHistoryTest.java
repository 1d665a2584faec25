package dev.hawse.stream;

import static dev.hawse.runtime.OutputKind.STDERR;
import static dev.hawse.runtime.OutputKind.STDOUT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputOffsets;
import dev.hawse.runtime.ReadFrom;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.stream.SpoolPolicy.Unread;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SpoolHistoryTest {

    private static final long CHUNK = 1 + Spool.CHUNK_OVERHEAD;

    private final Spool spool = Spool.of(new SpoolPolicy.Block(10 * CHUNK, Unread.PASS), 5 * CHUNK);

    @Test
    void whatWasReadIsKeptForThoseWhoComeLater() {
        spool.readLossless(new Output()).resume();
        for (var letter : List.of("a", "b", "c", "d", "e", "f", "g", "h")) {
            append(spool, STDOUT, letter);
        }

        assertThat(spool.oldest()).isEqualTo(new OutputOffsets(3, 0));
        assertThat(told(spool, new ReadFrom.Oldest())).containsExactly("out@3 defgh");
        assertThat(told(spool, at(5, 0))).containsExactly("out@5 fgh");
        assertThat(told(spool, at(8, 0))).isEmpty();
        assertThat(told(spool, new ReadFrom.Now())).isEmpty();
    }

    @Test
    void whoHasHadMoreOfOneStreamGetsTheRestOfBothInOrder() {
        append(spool, STDOUT, "ab");
        append(spool, STDERR, "xy");
        append(spool, STDOUT, "cd");
        append(spool, STDERR, "z");

        assertThat(told(spool, at(3, 0))).containsExactly("err@0 xy", "out@3 d", "err@2 z");
        assertThat(told(spool, at(0, 3))).containsExactly("out@0 ab", "out@2 cd");
        assertThat(told(spool, at(1, 1))).containsExactly("out@1 b", "err@1 y", "out@2 cd", "err@2 z");
        assertThat(told(spool, at(4, 2))).containsExactly("err@2 z");
    }

    @Test
    void whoComesAfterTheEndGetsTheHistoryAndTheEnd() {
        append(spool, STDOUT, "ab");
        spool.finish(Exits.of(spool));

        assertThat(told(spool, at(1, 0))).containsExactly("out@1 b", "exited");
        assertThat(told(spool, at(2, 0))).containsExactly("exited");
        assertThat(told(spool, new ReadFrom.Oldest())).containsExactly("out@0 ab", "exited");
        assertThat(spool.readers()).isZero();
    }

    @Test
    void offsetsThatAreNotKeptOrNotYetThereAreRefusedWithWhatIs() {
        for (int i = 0; i < 7; i++) {
            append(spool, STDOUT, "a");
        }
        append(spool, STDERR, "b");

        for (var offsets : new OutputOffsets[] {
            new OutputOffsets(2, 0), new OutputOffsets(8, 0), new OutputOffsets(4, 2), new OutputOffsets(0, 1)
        }) {
            assertThatThrownBy(() -> spool.readLossy(new ReadFrom.At(offsets), new Output()))
                    .isInstanceOfSatisfying(RuntimeFailure.class, failure -> {
                        assertThat(failure.reason()).isEqualTo(Reason.OFFSET_OUT_OF_RANGE);
                        assertThat(failure.metadata())
                                .isEqualTo(Map.of(
                                        "oldest_stdout", "3",
                                        "oldest_stderr", "0",
                                        "head_stdout", "7",
                                        "head_stderr", "1"));
                    })
                    .hasMessageContaining("stdout 3, stderr 0 to stdout 7, stderr 1");
        }
        assertThat(spool.readers()).isZero();
    }

    @Test
    void whatAStalledReaderHoldsMayBeReadByOthersToo() {
        var none = Spool.block(10 * CHUNK);
        var stalled = none.readLossless(new Output());
        append(none, STDOUT, "a");
        append(none, STDOUT, "b");

        assertThat(told(none, at(1, 0))).containsExactly("out@1 b");
        stalled.close();
        assertThat(none.oldest()).isEqualTo(new OutputOffsets(2, 0));
    }

    @Test
    void aReaderThatReplaysHoldsTheWriterBackAsAnyOther() {
        var large = Spool.of(new SpoolPolicy.Block(2 * CHUNK, Unread.PASS), 5 * CHUNK);
        for (int i = 0; i < 5; i++) {
            assertThat(append(large, STDOUT, "a")).isTrue();
        }
        var room = new AtomicInteger();
        large.onRoom(room::incrementAndGet);
        var output = new Output();
        var reader = large.readLossless(new ReadFrom.Oldest(), output);
        assertThat(append(large, STDOUT, "a")).isFalse();
        reader.resume();
        assertThat(output.told).containsExactly("out@0 aaaaaa");
        assertThat(room).hasValue(1);
    }

    @Test
    void aRingNeverHoldsTheWriterBackAndKeepsTheNewest() {
        var ring = Spool.of(new SpoolPolicy.Ring(3 * CHUNK), 0);
        var slow = new Output();
        var reader = ring.readLossless(slow);
        for (var letter : List.of("a", "b", "c", "d", "e", "f", "g", "h")) {
            assertThat(append(ring, STDOUT, letter)).isTrue();
        }
        reader.resume();

        assertThat(reader.isLossy()).isTrue();
        assertThat(slow.told).containsExactly("out@0..5 missing", "out@5 fgh");
        assertThat(told(ring, new ReadFrom.Oldest())).containsExactly("out@5 fgh");
    }

    @Test
    void whatNobodyReadsWaitsWhenItIsTo() {
        var waiting = Spool.of(new SpoolPolicy.Block(2 * CHUNK, Unread.WAIT), 0);
        var room = new AtomicInteger();
        waiting.onRoom(room::incrementAndGet);
        append(waiting, STDOUT, "a");
        append(waiting, STDOUT, "b");
        assertThat(append(waiting, STDOUT, "c")).isFalse();
        assertThat(waiting.readers()).isZero();

        var output = new Output();
        output.wants = false;
        var reader = waiting.readLossless(new ReadFrom.Oldest(), output);
        reader.resume();
        assertThat(waiting.readers()).isEqualTo(1);
        assertThat(output.told).containsExactly("out@0 abc");
        assertThat(room).hasValue(1);

        // It goes when it has had "d": the rest waits.
        append(waiting, STDOUT, "d");
        reader.resume();
        reader.close();
        append(waiting, STDOUT, "e");
        append(waiting, STDOUT, "f");
        assertThat(append(waiting, STDOUT, "g")).isFalse();
        assertThat(waiting.oldest()).isEqualTo(new OutputOffsets(4, 0));
        var next = new Output();
        waiting.readLossless(at(4, 0), next).resume();
        assertThat(next.told).containsExactly("out@4 efg");
    }

    @Test
    void whoReadsFromNowOnLeavesWhatWaitedBehind() {
        var waiting = Spool.of(new SpoolPolicy.Block(CHUNK, Unread.WAIT), 0);
        var room = new AtomicInteger();
        waiting.onRoom(room::incrementAndGet);
        append(waiting, STDOUT, "a");
        assertThat(append(waiting, STDOUT, "b")).isFalse();

        waiting.readLossless(new Output()).resume();
        assertThat(room).hasValue(1);
        assertThat(waiting.oldest()).isEqualTo(new OutputOffsets(2, 0));
    }

    @Test
    void aKnownGapCountsForTheOffsetsAndIsTold() {
        var output = new Output();
        spool.readLossless(output).resume();
        append(spool, STDERR, "x");
        spool.gap(STDOUT, 100);
        append(spool, STDOUT, "a");

        assertThat(output.told).containsExactly("err@0 x", "out@0..100 not kept", "out@100 a");
        assertThat(told(spool, at(40, 1))).containsExactly("out@40..100 not kept", "out@100 a");
        assertThat(told(spool, at(100, 1))).containsExactly("out@100 a");
    }

    @Test
    void aPossibleGapIsToldToThoseWhoCrossIt() {
        append(spool, STDOUT, "a");
        spool.possibleGap();
        append(spool, STDOUT, "b");

        assertThat(told(spool, new ReadFrom.Oldest()))
                .containsExactly("out@0 a", "out@1 maybe", "err@0 maybe", "out@1 b");
        assertThat(told(spool, at(1, 0))).containsExactly("out@1 maybe", "err@0 maybe", "out@1 b");
        assertThat(told(spool, at(2, 0))).isEmpty();
    }

    @Test
    void aPossibleGapThatIsSkippedIsToldTheSame() {
        var output = new Output();
        var reader = spool.readLossy(output);
        append(spool, STDOUT, "a");
        spool.possibleGap();
        for (int i = 0; i < 20; i++) {
            append(spool, STDOUT, "b");
        }
        reader.resume();

        assertThat(output.told).containsExactly("out@1 maybe", "err@0 maybe", "out@0..11 missing", "out@11 bbbbbbbbbb");
    }

    @Test
    void closingTakesReadersOff() {
        var output = new Output();
        var reader = spool.readLossless(output);
        spool.close();
        append(spool, STDOUT, "a");
        reader.resume();
        assertThat(output.told).isEmpty();
        assertThat(spool.readers()).isZero();
    }

    static ReadFrom at(long stdout, long stderr) {
        return new ReadFrom.At(new OutputOffsets(stdout, stderr));
    }

    static List<String> told(Spool spool, ReadFrom from) {
        var lossless = new Output();
        try (var reader = spool.readLossless(from, lossless)) {
            reader.resume();
        }
        var lossy = new Output();
        try (var reader = spool.readLossy(from, lossy)) {
            reader.resume();
        }
        assertThat(lossy.told).isEqualTo(lossless.told);
        return lossless.told;
    }

    static boolean append(Spool to, OutputKind stream, String bytes) {
        return to.append(stream, bytes.getBytes(StandardCharsets.ISO_8859_1));
    }
}
