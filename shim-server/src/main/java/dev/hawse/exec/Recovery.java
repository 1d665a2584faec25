package dev.hawse.exec;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.hawse.runtime.ExecAdoption;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExecOperations;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.RuntimeKind;
import dev.hawse.state.ExecRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the commands of earlier lives of this server: by their records, then in their engines. */
final class Recovery {

    private static final Logger log = LoggerFactory.getLogger(Recovery.class);

    private final ExecJournal journal;
    private final Spools spools;
    private final Surroundings around;
    private final Retention retention;
    private final Map<ExecId, ExecRecord> open = new ConcurrentHashMap<>();

    Recovery(ExecJournal journal, Spools spools, Surroundings around, Retention retention) {
        this.journal = journal;
        this.spools = spools;
        this.around = around;
        this.retention = retention;
    }

    /**
     * Every command with a record; those that have ended as they ended, those of another boot of the host as lost.
     *
     * @param known told of each, before its time may be over
     */
    void load(Consumer<Exec> known) {
        for (var record : journal.all()) {
            try {
                load(record, known);
            } catch (JsonProcessingException | RuntimeException e) {
                log.error("the record of command {} cannot be read, and is left as it is", record.id(), e);
            }
        }
    }

    private void load(ExecRecord record, Consumer<Exec> known) throws JsonProcessingException {
        var id = new ExecId(record.id());
        var command = CommandText.read(record);
        if (record.exit() != null) {
            var exit = ExitText.read(record.exit());
            var exec = new Exec(id, command, record.createdAt(), spools.ended(id, command, exit), around);
            exec.wasEnded(record.startedAt(), exit);
            known.accept(exec);
            var ended = Objects.requireNonNullElse(record.endedAt(), record.createdAt());
            var since = Duration.between(ended, Instant.now());
            retention.keep(exec, since.isNegative() ? Duration.ZERO : since);
            return;
        }
        var exec = new Exec(id, command, record.createdAt(), spools.open(id, command), around);
        exec.wasHere();
        known.accept(exec);
        if (journal.isOfThisBoot(record)) {
            open.put(id, record);
        } else {
            exec.life().end(exec.lost("the host was restarted while it ran"));
        }
    }

    /** Takes over what an engine has of these. Completes when it has answered for each, or has not for the first time. */
    CompletableFuture<Void> adopt(Collection<Exec> known, ExecOperations engine, RuntimeKind kind) {
        return CompletableFuture.allOf(known.stream()
                .filter(exec -> exec.command().runtime() == kind)
                .map(exec -> {
                    var exit = exec.life().standing().exit();
                    return exit == null ? adopt(exec, engine) : around.search().release(exec, exit, engine);
                })
                .toArray(CompletableFuture[]::new));
    }

    private CompletableFuture<Void> adopt(Exec exec, ExecOperations engine) {
        var record = open.remove(exec.id());
        return record == null
                ? CompletableFuture.completedFuture(null)
                : around.search().begin(exec, engine, new Adoption(exec, record, engine, around.search()));
    }

    /** One that there was before this server. */
    private record Adoption(Exec exec, ExecRecord record, ExecOperations engine, Search search)
            implements Search.Finder {

        @Override
        public void found(ExecAdoption what) {
            switch (what) {
                case ExecAdoption.Started(var pid, var control, var takesInput) -> {
                    if (!takesInput) {
                        exec.callers().inputHasEnded();
                    }
                    exec.resume(record, pid, control);
                    log.info("{} was taken over", exec);
                }
                case ExecAdoption.NeverRan _ -> lost("the server ended before it was started; it did not run");
                case ExecAdoption.Gone _ -> lost(goneSince(record));
            }
        }

        private void lost(String why) {
            var exit = exec.lost(why);
            exec.life().end(exit);
            var _ = search.release(exec, exit, engine);
        }

        @Override
        public void silent(RuntimeFailure why) {
            exec.unsettle(why);
        }
    }

    private static String goneSince(ExecRecord record) {
        return record.state() == ExecRecord.State.PENDING
                ? "the server ended before it was known whether the command ran"
                : "the runtime no longer knows it: its container ended, or was removed, while no server ran";
    }
}
