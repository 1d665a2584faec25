package dev.hawse.cli;

import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import dev.hawse.client.LogQuery;
import dev.hawse.client.LogRecord;
import dev.hawse.client.OutputKind;
import dev.hawse.client.RecordStream;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** What a container writes, from its log to our standard streams, exactly, on a thread of its own until it has ended. */
final class LoggedOutput implements AutoCloseable {

    private final RecordStream<LogRecord> records;
    private final Console console;
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    private LoggedOutput(RecordStream<LogRecord> records, Console console) {
        this.records = records;
        this.console = console;
    }

    static LoggedOutput follow(HawseClient client, String container, Instant since, Console console) {
        var query = LogQuery.ALL.following().since(since);
        var output = new LoggedOutput(client.containers().logs(container, query), console);
        Thread.ofPlatform().daemon().name("output").start(output::copy);
        return output;
    }

    private void copy() {
        try {
            while (records.hasNext()) {
                var record = records.next();
                var data = record.data();
                var bytes = new byte[data.remaining()];
                data.get(bytes);
                (record.stream() == OutputKind.STDERR ? console.err() : console.out()).write(bytes);
            }
            end.complete(null);
        } catch (IOException | HawseException e) {
            end.completeExceptionally(e);
        }
    }

    /** Waits until all of it has been written. */
    void awaitEnd() throws IOException {
        try {
            end.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof HawseException failed) {
                throw failed;
            }
            throw new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        records.close();
    }
}
