package dev.hawse.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.LogGap;
import dev.hawse.runtime.LogSink;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.RuntimeFailure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** A log's reader that keeps what it gets. */
public final class LogRecorder implements LogSink {

    private final List<Line> records = new ArrayList<>();
    private final List<LogGap> gaps = new ArrayList<>();
    private final CompletableFuture<Optional<RuntimeFailure>> end = new CompletableFuture<>();

    /** What came in one call. */
    public record Line(OutputKind stream, Instant time, String text) {}

    @Override
    public synchronized boolean record(OutputKind stream, Instant time, byte[] bytes) {
        records.add(new Line(stream, time, new String(bytes, StandardCharsets.UTF_8)));
        return true;
    }

    @Override
    public synchronized boolean gap(LogGap gap) {
        gaps.add(gap);
        return true;
    }

    @Override
    public void end(@Nullable RuntimeFailure failure) {
        if (!end.complete(Optional.ofNullable(failure))) {
            throw new IllegalStateException("the end was told twice");
        }
    }

    public synchronized List<Line> records() {
        return List.copyOf(records);
    }

    public synchronized List<LogGap> gaps() {
        return List.copyOf(gaps);
    }

    public String text() {
        return records().stream().map(Line::text).collect(Collectors.joining());
    }

    public String text(OutputKind stream) {
        return records().stream()
                .filter(r -> r.stream() == stream)
                .map(Line::text)
                .collect(Collectors.joining());
    }

    public boolean ended() {
        return end.isDone();
    }

    /** Waits for the end of the log, which must not be a failure. */
    public void awaitEnd() {
        assertThat(end.orTimeout(30, TimeUnit.SECONDS).join()).isEmpty();
    }

    public void awaitText(String text) {
        Awaitility.await().until(() -> text().contains(text));
    }
}
