package dev.hawse.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.OutputKind;
import dev.hawse.stream.Pieces.Piece;
import dev.hawse.sys.Reactor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.jspecify.annotations.Nullable;

/** Every query gives what one gets by looking through the whole log with it. */
class LogQueryTest {

    private final ContainerId id = ContainerId.random();
    private final Tasks tasks = new Tasks();
    private Path root = Path.of("");

    @BeforeProperty
    void makeFolder() throws IOException {
        root = Files.createTempDirectory("hawse-log");
    }

    @AfterProperty
    void removeFolder() throws IOException {
        new LogFolder(root.resolve(id.value())).remove();
        Files.delete(root);
    }

    @Property(tries = 1000)
    void everyQueryGivesWhatLookingThroughAllOfItGives(
            @ForAll("logs") List<Piece> pieces,
            @ForAll("queries") LogQuery query,
            @ForAll @LongRange(min = 1, max = 400) long maxSize)
            throws IOException {
        try (var reactor = Reactor.open("hawse-test", e -> {});
                var logs = new LogStore(root, tasks, reactor)) {
            logs.remove(id);
            try (var log = new LogRecords(logs.folder(id), maxSize)) {
                log.begin();
                for (var piece : pieces) {
                    log.append(piece);
                }
                log.end();
            }
            var got = new Transcript();
            logs.read(id, query, got).resume();
            tasks.runAll();

            assertThat(got.lines).isEqualTo(lookedThrough(pieces, query));
            assertThat(got.gaps).isEmpty();
            assertThat(got.ended()).isTrue();
        }
    }

    private static List<String> lookedThrough(List<Piece> pieces, LogQuery query) {
        var since = query.since() == null ? Instant.MIN : query.since();
        var until = query.until() == null ? Instant.MAX : query.until();
        var matching = pieces.stream()
                .filter(p -> query.streams().contains(p.stream()))
                .filter(p -> !p.time().isBefore(since) && p.time().isBefore(until))
                .toList();
        var text = new StringBuilder();
        matching.forEach(p -> text.append(Pieces.text(p)));
        var drop = query.tail() == null ? 0 : beginOfLast(query.tail(), text.toString());
        var lines = new ArrayList<String>();
        for (var piece : matching) {
            var length = piece.bytes().length;
            if (drop < length) {
                lines.add(Pieces.line(Pieces.piece(
                        piece.stream(),
                        piece.time().getEpochSecond(),
                        Pieces.text(piece).substring(drop))));
            }
            drop = Math.max(0, drop - length);
        }
        return lines;
    }

    private static int beginOfLast(long count, String text) {
        if (count == 0) {
            return text.length();
        }
        var at = text.endsWith("\n") ? text.length() - 1 : text.length();
        for (long i = 0; i < count && at >= 0; i++) {
            at = text.lastIndexOf('\n', at - 1);
        }
        return at + 1;
    }

    @Provide
    Arbitrary<List<Piece>> logs() {
        return Pieces.arbitrary(12);
    }

    @Provide
    Arbitrary<LogQuery> queries() {
        var time =
                Arbitraries.longs().between(0, 12).map(Instant::ofEpochSecond).injectNull(0.5);
        var tail = Arbitraries.longs().between(0, 6).injectNull(0.3);
        var streams = Arbitraries.of(OutputKind.class).set();
        return Combinators.combine(Arbitraries.of(true, false), time, time, tail, streams)
                .as(LogQueryTest::query);
    }

    private static LogQuery query(
            boolean follow, @Nullable Instant a, @Nullable Instant b, @Nullable Long tail, Set<OutputKind> streams) {
        var ordered = a == null || b == null || !b.isBefore(a);
        return new LogQuery(follow, ordered ? a : b, ordered ? b : a, tail, streams);
    }
}
