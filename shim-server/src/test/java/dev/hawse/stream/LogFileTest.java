package dev.hawse.stream;

import static dev.hawse.stream.Pieces.backwards;
import static dev.hawse.stream.Pieces.err;
import static dev.hawse.stream.Pieces.forwards;
import static dev.hawse.stream.Pieces.lines;
import static dev.hawse.stream.Pieces.out;
import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.OutputKind;
import dev.hawse.stream.Pieces.Piece;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LogFileTest {

    private Path folder = Path.of("");

    @BeforeEach
    @BeforeProperty
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory("hawse-log");
    }

    @AfterEach
    @AfterProperty
    void removeFolder() throws IOException {
        new LogFolder(folder).remove();
    }

    /** A file with these alone; it has the number 1. */
    private Path write(List<Piece> pieces) throws IOException {
        new LogFolder(folder).remove();
        try (var log = new LogRecords(folder, Long.MAX_VALUE)) {
            for (var piece : pieces) {
                log.append(piece);
            }
            return log.path();
        }
    }

    private static int size(Piece piece) {
        return LogFile.HEAD + piece.bytes().length + LogFile.TAIL;
    }

    @Provide
    Arbitrary<List<Piece>> pieces() {
        return Pieces.arbitrary(5);
    }

    @Provide
    Arbitrary<List<Piece>> somePieces() {
        return Pieces.arbitrary(5).filter(pieces -> !pieces.isEmpty());
    }

    @Property(tries = 20, shrinking = ShrinkingMode.OFF)
    void anyTruncationYieldsExactlyTheWholeRecordsBeforeIt(@ForAll("pieces") List<Piece> pieces) throws IOException {
        truncateEverywhere(write(pieces), pieces);
    }

    @Property(tries = 4, shrinking = ShrinkingMode.OFF)
    void aProcessThatWritesRecordsOfItsOwnLogCannotMoveItsEnd(@ForAll("pieces") List<Piece> pieces) throws IOException {
        // Whole records, also such as would be right at their place but for the mark of the file.
        var copy = new Piece(OutputKind.STDOUT, Instant.EPOCH, Files.readAllBytes(write(pieces)));
        var other = write(List.of(new Piece(OutputKind.STDOUT, Instant.EPOCH, new byte[size(copy)]), out(1, "x")));
        var all = new ArrayList<>(pieces);
        all.add(copy);
        all.add(new Piece(OutputKind.STDERR, Instant.EPOCH, Files.readAllBytes(other)));
        truncateEverywhere(write(all), all);
    }

    private static void truncateEverywhere(Path path, List<Piece> pieces) throws IOException {
        var whole = Files.readAllBytes(path);
        for (int cut = 0; cut <= whole.length; cut++) {
            Files.write(path, Arrays.copyOf(whole, cut));
            var left = lines(wholeBefore(cut, pieces));
            try (var log = LogFile.open(path)) {
                if (log == null) {
                    assertThat(cut).isLessThan(LogFile.HEADER);
                } else {
                    assertThat(forwards(log)).isEqualTo(left);
                    assertThat(backwards(log)).isEqualTo(left);
                }
            }
        }
    }

    private static List<Piece> wholeBefore(int cut, List<Piece> pieces) {
        var left = new ArrayList<Piece>();
        var end = LogFile.HEADER;
        for (var piece : pieces) {
            end += size(piece);
            if (end > cut) {
                break;
            }
            left.add(piece);
        }
        return left;
    }

    @Property(tries = 200)
    void aDamagedByteNeverChangesWhatIsRead(
            @ForAll("somePieces") List<Piece> pieces,
            @ForAll @IntRange(max = 10_000) int where,
            @ForAll @IntRange(min = 1, max = 255) int flip)
            throws IOException {
        var path = write(pieces);
        var bytes = Files.readAllBytes(path);
        var at = LogFile.HEADER + where % (bytes.length - LogFile.HEADER);
        bytes[at] ^= (byte) flip;
        Files.write(path, bytes);
        try (var log = LogFile.open(path)) {
            assertThat(log).isNotNull();
            if (log != null) {
                assertThat(forwards(log)).isEqualTo(lines(wholeBefore(at, pieces)));
            }
        }
    }

    @Test
    void timesAreExactToTheNanosecondAlsoBefore1970() throws IOException {
        read(List.of(
                new Piece(OutputKind.STDOUT, Instant.parse("2026-11-21T01:02:03.123456789Z"), new byte[] {0, -1}),
                new Piece(OutputKind.STDERR, Instant.parse("1969-12-31T23:59:59.999999999Z"), new byte[] {'\n'})));
    }

    @Test
    void recordsLargerThanWhatIsReadAtOnceAreReadBothWays() throws IOException {
        var pieces = new ArrayList<Piece>();
        for (int i = 0; i < 20; i++) {
            pieces.add(out(i, "x".repeat(i * 15_000)));
            pieces.add(err(i, "y".repeat(i)));
        }
        read(pieces);
    }

    private void read(List<Piece> pieces) throws IOException {
        try (var log = LogFile.open(write(pieces))) {
            assertThat(log).isNotNull();
            if (log != null) {
                assertThat(forwards(log)).isEqualTo(lines(pieces));
                assertThat(backwards(log)).isEqualTo(lines(pieces));
            }
        }
    }

    @Test
    void aFileOfSomebodyElseIsNoLog() throws IOException {
        var path = write(List.of());
        Files.writeString(path, "this is no log, and somebody may want it");
        assertThat(LogFile.open(path)).isNull();
        assertThat(path).hasContent("this is no log, and somebody may want it");
    }

    @Test
    void whatWasLookedForBeforeItWasWrittenIsFoundAfter() throws IOException {
        try (var writing = new LogRecords(folder, Long.MAX_VALUE);
                var reading = LogFile.open(writing.path())) {
            assertThat(reading).isNotNull();
            if (reading != null) {
                writing.append(out(1, "a"));
                var first = reading.at(LogFile.HEADER);
                assertThat(first).isNotNull();
                if (first != null) {
                    assertThat(reading.at(first.end())).isNull();
                    writing.append(err(2, "b"));
                    assertThat(reading.at(first.end())).isNotNull();
                }
            }
        }
    }
}
