package dev.hawse.exec;

import dev.hawse.runtime.ProcessExit;
import dev.hawse.state.Claim;
import dev.hawse.state.ExecRecord;
import dev.hawse.state.ExecRecords;
import dev.hawse.state.RequestId;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is remembered of commands on disk. Of a command that is not durable nothing is, and every write of it completes at
 * once. Nothing here blocks but {@link #all}.
 */
final class ExecJournal {

    private static final Logger log = LoggerFactory.getLogger(ExecJournal.class);

    private final ExecRecords records;
    private final String boot;
    private final Supplier<Duration> sinceBoot;

    /**
     * @param boot which boot of the host this is: what was started in another one is gone
     * @param sinceBoot how long that has been
     */
    ExecJournal(ExecRecords records, String boot, Supplier<Duration> sinceBoot) {
        this.records = records;
        this.boot = boot;
        this.sinceBoot = sinceBoot;
    }

    /** Completes when the command may be asked of the engine, with who has its request id; fails when it may not. */
    CompletableFuture<Claim> begin(Exec exec) {
        var command = exec.command();
        var request = command.request();
        return records.begin(
                ExecRecord.pending(
                        exec.id().value(),
                        command.container().value(),
                        command.runtime().name(),
                        request == null ? null : request.hash(),
                        CommandText.of(command),
                        exec.createdAt(),
                        boot),
                request == null ? null : new RequestId(request.method(), request.id()));
    }

    void started(Exec exec, long pid, Instant at) {
        if (exec.command().durable()) {
            var _ = logged(exec, records.started(exec.id().value(), pid, at, sinceBoot.get()));
        }
    }

    /** Completes when the end need not be asked of the engine again; fails when it could not be written, now. */
    CompletableFuture<Void> ended(Exec exec, ProcessExit exit) {
        if (!exec.command().durable()) {
            return CompletableFuture.completedFuture(null);
        }
        return records.ended(exec.id().value(), ExitText.of(exit), exit.stdoutBytes(), exit.stderrBytes());
    }

    /** It is to be ended after this time; null for never. */
    void deadline(Exec exec, @Nullable Duration left) {
        if (exec.command().durable()) {
            var at = left == null ? null : Instant.now().plus(left);
            var onHost = left == null ? null : sinceBoot.get().plus(left);
            var _ = logged(exec, records.deadline(exec.id().value(), at, onHost));
        }
    }

    /** How long a command has run that was started in this boot. */
    Duration ran(ExecRecord record) {
        var started = record.startedSinceBoot();
        if (started != null) {
            return notNegative(sinceBoot.get().minus(started));
        }
        // An older server wrote no more than this.
        var at = record.startedAt();
        return at == null ? Duration.ZERO : notNegative(Duration.between(at, Instant.now()));
    }

    /** How long it is until its deadline; null when it has none. */
    @Nullable
    Duration left(ExecRecord record) {
        var deadline = record.deadlineSinceBoot();
        if (deadline != null) {
            return notNegative(deadline.minus(sinceBoot.get()));
        }
        var at = record.deadline();
        return at == null ? null : notNegative(Duration.between(Instant.now(), at));
    }

    private static Duration notNegative(Duration time) {
        return time.isNegative() ? Duration.ZERO : time;
    }

    /** It came to nothing, for sure: its request may be made again. */
    void withdraw(Exec exec) {
        if (exec.command().durable()) {
            var _ = logged(exec, records.withdraw(exec.id().value()));
        }
    }

    /** It is no longer kept; its request stays known. */
    void forget(Exec exec) {
        if (exec.command().durable()) {
            var _ = logged(exec, records.delete(exec.id().value()));
        }
    }

    List<ExecRecord> all() {
        return records.all();
    }

    boolean isOfThisBoot(ExecRecord record) {
        return record.boot().equals(boot);
    }

    private static CompletableFuture<Void> logged(Exec exec, CompletableFuture<Void> write) {
        return write.exceptionally(e -> {
            log.error("what became of {} is not on disk: {}", exec, e.getMessage());
            return null;
        });
    }
}
