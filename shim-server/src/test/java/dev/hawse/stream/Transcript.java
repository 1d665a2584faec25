package dev.hawse.stream;

import dev.hawse.runtime.LogGap;
import dev.hawse.runtime.LogSink;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.RuntimeFailure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Writes down what a reader of a log was told. Wants more as long as {@link #wants} is set. */
class Transcript implements LogSink {

    final List<String> lines = new ArrayList<>();
    final List<Instant> times = new ArrayList<>();
    final List<LogGap> gaps = new ArrayList<>();
    final StringBuilder stdout = new StringBuilder();
    final StringBuilder stderr = new StringBuilder();
    final CompletableFuture<@Nullable RuntimeFailure> end = new CompletableFuture<>();
    volatile boolean wants = true;

    @Override
    public boolean record(OutputKind stream, Instant time, byte[] bytes) {
        times.add(time);
        lines.add(Pieces.line(stream, time, bytes));
        (stream == OutputKind.STDOUT ? stdout : stderr).append(new String(bytes, StandardCharsets.ISO_8859_1));
        return wants;
    }

    @Override
    public boolean gap(LogGap gap) {
        gaps.add(gap);
        return wants;
    }

    @Override
    public void end(@Nullable RuntimeFailure failure) {
        if (!end.complete(failure)) {
            throw new AssertionError("the end was told twice");
        }
    }

    /** Whether the end was told, and that nothing went wrong. */
    boolean ended() {
        return end.isDone() && end.join() == null;
    }
}
