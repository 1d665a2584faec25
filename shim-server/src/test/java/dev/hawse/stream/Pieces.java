package dev.hawse.stream;

import dev.hawse.runtime.OutputKind;
import dev.hawse.stream.LogFile.Entry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** What logs are made of, and how it looks to a reader of a test. */
final class Pieces {

    private Pieces() {}

    /** What a process wrote at once. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Piece(OutputKind stream, Instant time, byte[] bytes) {}

    static Piece out(long second, String text) {
        return piece(OutputKind.STDOUT, second, text);
    }

    static Piece err(long second, String text) {
        return piece(OutputKind.STDERR, second, text);
    }

    static Piece piece(OutputKind stream, long second, String text) {
        return new Piece(stream, Instant.ofEpochSecond(second), text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static String text(Piece piece) {
        return new String(piece.bytes(), StandardCharsets.ISO_8859_1);
    }

    /** A piece in one line, equal for equal ones. */
    static String line(Piece piece) {
        return line(piece.stream(), piece.time(), piece.bytes());
    }

    static String line(OutputKind stream, Instant time, byte[] bytes) {
        return (stream == OutputKind.STDOUT ? "out " : "err ") + time + " "
                + new String(bytes, StandardCharsets.ISO_8859_1);
    }

    static List<String> lines(List<Piece> pieces) {
        return pieces.stream().map(piece -> line(piece)).toList();
    }

    /** One run, whole, in one file. */
    static void write(Path folder, List<Piece> pieces) throws IOException {
        try (var log = new LogRecords(folder, Long.MAX_VALUE)) {
            log.begin();
            for (var piece : pieces) {
                log.append(piece);
            }
            log.end();
        }
    }

    /** What a log holds, read from its beginning. */
    static List<String> forwards(LogFile log) throws IOException {
        var found = new ArrayList<String>();
        for (var e = log.at(LogFile.HEADER); e != null; e = log.at(e.end())) {
            found.add(line(e));
        }
        return found;
    }

    /** A record in one line. */
    static String line(Entry entry) {
        var stream = entry.stream();
        return entry.hasOutput() && stream != null
                ? line(stream, entry.time(), entry.bytes())
                : entry.kind() + " " + entry.count();
    }

    /** The same, read from its end. */
    static List<String> backwards(LogFile log) throws IOException {
        var found = new ArrayList<String>();
        for (var e = log.before(log.end()); e != null; e = log.before(e.position())) {
            found.addFirst(line(e));
        }
        return found;
    }

    /** Few lines, long and short pieces, times that stand still or go on. */
    static Arbitrary<List<Piece>> arbitrary(int most) {
        var text =
                Arbitraries.strings().withChars('a', 'b', '\n').ofMinLength(1).ofMaxLength(8);
        var step = Arbitraries.longs().between(0, 2);
        return Combinators.combine(Arbitraries.of(OutputKind.class), step, text)
                .as(Pieces::piece)
                .list()
                .ofMaxSize(most)
                .map(Pieces::oneAfterTheOther);
    }

    private static List<Piece> oneAfterTheOther(List<Piece> steps) {
        var pieces = new ArrayList<Piece>();
        var now = Instant.EPOCH;
        for (var step : steps) {
            now = now.plusSeconds(step.time().getEpochSecond());
            pieces.add(new Piece(step.stream(), now, step.bytes()));
        }
        return pieces;
    }
}
