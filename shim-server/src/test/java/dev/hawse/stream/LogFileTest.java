package dev.hawse.stream;

import static dev.hawse.stream.Pieces.backwards;
import static dev.hawse.stream.Pieces.err;
import static dev.hawse.stream.Pieces.forwards;
import static dev.hawse.stream.Pieces.lines;
import static dev.hawse.stream.Pieces.out;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.runtime.OutputKind;
import dev.hawse.stream.LogFile.Piece;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
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

    private Path path = Path.of("");

    @BeforeEach
    @BeforeProperty
    void makeFolder() throws IOException {
        path = Files.createTempDirectory("hawse-log").resolve("main.log");
    }

    @AfterEach
    @AfterProperty
    void removeFolder() throws IOException {
        Files.deleteIfExists(path);
        Files.delete(path.resolveSibling(""));
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
        Files.deleteIfExists(path);
        Pieces.write(path, pieces);
        truncateEverywhere(pieces);
    }

    @Property(tries = 4, shrinking = ShrinkingMode.OFF)
    void aProcessThatWritesRecordsOfItsOwnLogCannotMoveItsEnd(@ForAll("pieces") List<Piece> pieces) throws IOException {
        Files.deleteIfExists(path);
        Pieces.write(path, pieces);
        // Whole records, also such as would be right at their place but for the mark of the file.
        var copy = new Piece(OutputKind.STDOUT, Instant.EPOCH, Files.readAllBytes(path));
        var other = path.resolveSibling("other.log");
        Pieces.write(other, List.of(new Piece(OutputKind.STDOUT, Instant.EPOCH, new byte[copy.size()]), out(1, "x")));
        var forged = new Piece(OutputKind.STDERR, Instant.EPOCH, Files.readAllBytes(other));
        Files.delete(other);

        var all = new ArrayList<>(pieces);
        all.add(copy);
        all.add(forged);
        Files.delete(path);
        Pieces.write(path, all);
        truncateEverywhere(all);
    }

    private void truncateEverywhere(List<Piece> pieces) throws IOException {
        var whole = Files.readAllBytes(path);
        var next = out(9, "next");
        for (int cut = 0; cut <= whole.length; cut++) {
            Files.write(path, Arrays.copyOf(whole, cut));
            var left = lines(wholeBefore(cut, pieces));
            try (var log = LogFile.read(path, -1)) {
                if (log == null) {
                    assertThat(cut).isLessThan(LogFile.HEADER);
                } else {
                    assertThat(forwards(log)).isEqualTo(left);
                    assertThat(backwards(log)).isEqualTo(left);
                }
            }
            Pieces.write(path, List.of(next));
            try (var log = LogFile.write(path)) {
                var gone = new ArrayList<>(left);
                gone.add(Pieces.line(next));
                assertThat(forwards(log)).isEqualTo(gone);
                assertThat(Files.size(path)).isEqualTo(log.end());
            }
        }
    }

    private static List<Piece> wholeBefore(int cut, List<Piece> pieces) {
        var left = new ArrayList<Piece>();
        var end = LogFile.HEADER;
        for (var piece : pieces) {
            end += piece.size();
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
        Files.deleteIfExists(path);
        Pieces.write(path, pieces);
        var bytes = Files.readAllBytes(path);
        var at = LogFile.HEADER + where % (bytes.length - LogFile.HEADER);
        bytes[at] ^= (byte) flip;
        Files.write(path, bytes);
        try (var log = LogFile.read(path, bytes.length)) {
            assertThat(log).isNotNull();
            if (log != null) {
                assertThat(forwards(log)).isEqualTo(lines(wholeBefore(at, pieces)));
            }
        }
    }

    @Test
    void timesAreExactToTheNanosecondAlsoBefore1970() throws IOException {
        var pieces = List.of(
                new Piece(OutputKind.STDOUT, Instant.parse("2026-11-21T01:02:03.123456789Z"), new byte[] {0, -1}),
                new Piece(OutputKind.STDERR, Instant.parse("1969-12-31T23:59:59.999999999Z"), new byte[] {'\n'}));
        Pieces.write(path, pieces);
        try (var log = LogFile.write(path)) {
            assertThat(forwards(log)).isEqualTo(lines(pieces));
        }
    }

    @Test
    void recordsLargerThanWhatIsReadAtOnceAreReadBothWays() throws IOException {
        var pieces = new ArrayList<Piece>();
        for (int i = 0; i < 20; i++) {
            pieces.add(out(i, "x".repeat(i * 5000)));
            pieces.add(err(i, "y".repeat(i)));
        }
        Pieces.write(path, pieces);
        try (var log = LogFile.write(path)) {
            assertThat(forwards(log)).isEqualTo(lines(pieces));
            assertThat(backwards(log)).isEqualTo(lines(pieces));
        }
    }

    @Test
    void aFileOfSomebodyElseIsLeftAlone() throws IOException {
        Files.writeString(path, "this is no log, and somebody may want it");
        assertThatThrownBy(() -> LogFile.read(path, -1)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> LogFile.write(path)).isInstanceOf(IOException.class);
        assertThat(path).hasContent("this is no log, and somebody may want it");
    }

    @Test
    void nobodyElseMayReadIt() throws IOException {
        Pieces.write(path, List.of());
        assertThat(Files.getPosixFilePermissions(path)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void noLogAndOneThatHasJustBeenMadeAreNotThereYet() throws IOException {
        assertThat(LogFile.read(path, -1)).isNull();
        Files.write(path, new byte[LogFile.HEADER - 1]);
        assertThat(LogFile.read(path, -1)).isNull();
    }

    @Test
    void readersSeeWhatIsAppendedLater() throws IOException {
        try (var writing = LogFile.write(path);
                var reading = LogFile.read(path, -1)) {
            assertThat(reading).isNotNull();
            if (reading != null) {
                assertThat(reading.at(reading.end(), writing.end())).isNull();
                writing.append(List.of(out(1, "a"), err(2, "b")));
                var first = reading.at(LogFile.HEADER, writing.end());
                assertThat(first).isNotNull();
                if (first != null) {
                    assertThat(Pieces.line(first.piece())).isEqualTo(Pieces.line(out(1, "a")));
                    // What lies behind the limit may be half written: it is not even looked at.
                    assertThat(reading.at(first.end(), writing.end() - 1)).isNull();
                    assertThat(reading.at(first.end(), writing.end())).isNotNull();
                }
            }
        }
    }

    @Test
    void whatAFailedAppendLeftIsWrittenOver() throws IOException {
        Pieces.write(path, List.of(out(1, "a")));
        var end = Files.size(path);
        try (var log = LogFile.write(path)) {
            Files.writeString(path, "half a record: the disk was full", StandardOpenOption.APPEND);
            log.append(List.of(out(2, "b")));
            assertThat(log.end()).isEqualTo(end + out(2, "b").size());
        }
        try (var log = LogFile.write(path)) {
            assertThat(forwards(log)).isEqualTo(lines(List.of(out(1, "a"), out(2, "b"))));
            assertThat(Files.size(path)).isEqualTo(log.end());
        }
    }
}
