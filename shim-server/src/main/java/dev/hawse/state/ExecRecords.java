package dev.hawse.state;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Records of commands. Writes never block, take effect in the order in which they were asked for, and fail with a
 * {@link dev.hawse.runtime.RuntimeFailure} with nothing changed; what completes them may block. Reads may block on the disk
 * and see every write that has completed.
 */
public final class ExecRecords {

    private final StateStore store;
    private final Clock clock;

    ExecRecords(StateStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * Writes the record of a command that is about to be asked of the runtime, and with it takes its request id, both or
     * none. Completes once they are on the disk: from then on the command may be asked for.
     *
     * @param request null when the caller gave none; its hash is the record's
     */
    public CompletableFuture<Claim> begin(ExecRecord record, @Nullable RequestId request) {
        if (request != null && record.requestHash() == null) {
            throw new IllegalArgumentException("a request with an id has a hash");
        }
        return store.write(Writer.Durability.HOST, c -> {
            if (request != null && record.requestHash() != null) {
                var claim = RequestIds.claim(c, request, record.requestHash(), record.id(), clock.instant());
                if (claim instanceof Claim.Known) {
                    return claim;
                }
            }
            insert(c, record);
            return new Claim.First();
        });
    }

    /** It runs. Survives the death of this process as soon as it completes, and that of the host soon after. */
    public CompletableFuture<Void> started(String id, long pid, Instant at, Duration sinceBoot) {
        return change(
                Writer.Durability.PROCESS,
                "UPDATE exec SET state = 'RUNNING', pid = ?, started_at = ?, started_since_boot = ?"
                        + " WHERE id = ? AND state = 'PENDING'",
                pid,
                at,
                sinceBoot,
                id);
    }

    /**
     * It has ended, or never ran, and its request id may be forgotten in time. The first end that is told counts. Survives as
     * {@link #started} does.
     */
    public CompletableFuture<Void> ended(String id, String exit, long stdoutBytes, long stderrBytes) {
        return store.change(Writer.Durability.PROCESS, c -> {
            Sql.update(
                    c,
                    "UPDATE exec SET state = 'ENDED', ended_at = ?, exit = ?, stdout_bytes = ?, stderr_bytes = ?"
                            + " WHERE id = ? AND state <> 'ENDED'",
                    clock.instant(),
                    exit,
                    stdoutBytes,
                    stderrBytes,
                    id);
            endRequest(c, id);
        });
    }

    /** It is to be ended at another time, or never; for what is left of a command without a viewer. */
    public CompletableFuture<Void> deadline(String id, @Nullable Instant deadline, @Nullable Duration sinceBoot) {
        return change(
                Writer.Durability.PROCESS,
                "UPDATE exec SET deadline = ?, deadline_since_boot = ? WHERE id = ?",
                deadline,
                sinceBoot,
                id);
    }

    /**
     * Forgets a record; none there is fine. Its request id is kept, so that its command is not run again, and counts as over
     * from now on when the end could not be written.
     */
    public CompletableFuture<Void> delete(String id) {
        return store.change(Writer.Durability.PROCESS, c -> {
            Sql.update(c, "DELETE FROM exec WHERE id = ?", id);
            endRequest(c, id);
        });
    }

    private void endRequest(Connection c, String id) throws SQLException {
        Sql.update(c, "UPDATE request SET ended_at = ? WHERE result = ? AND ended_at IS NULL", clock.instant(), id);
    }

    /** Forgets a record that came to nothing, and its request id: the next request with it is the first. */
    public CompletableFuture<Void> withdraw(String id) {
        return store.change(Writer.Durability.HOST, c -> {
            Sql.update(c, "DELETE FROM exec WHERE id = ?", id);
            Sql.update(c, "DELETE FROM request WHERE result = ?", id);
        });
    }

    /** Oldest first. */
    public List<ExecRecord> all() {
        return store.read(c -> Sql.list(c, ExecRecords::row, "SELECT * FROM exec ORDER BY created_at, id"));
    }

    public Optional<ExecRecord> find(String id) {
        return store.read(c -> Sql.list(c, ExecRecords::row, "SELECT * FROM exec WHERE id = ?", id).stream()
                .findFirst());
    }

    private CompletableFuture<Void> change(Writer.Durability durability, String sql, @Nullable Object... values) {
        return store.change(durability, c -> Sql.update(c, sql, values));
    }

    private static void insert(Connection c, ExecRecord record) throws SQLException {
        Sql.update(
                c,
                "INSERT INTO exec (id, container, runtime, request_hash, spec, state, pid, created_at, started_at,"
                        + " ended_at, deadline, exit, stdout_bytes, stderr_bytes, boot, started_since_boot,"
                        + " deadline_since_boot) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                record.id(),
                record.container(),
                record.runtime(),
                record.requestHash(),
                record.spec(),
                record.state().name(),
                record.pid(),
                record.createdAt(),
                record.startedAt(),
                record.endedAt(),
                record.deadline(),
                record.exit(),
                record.stdoutBytes(),
                record.stderrBytes(),
                record.boot(),
                record.startedSinceBoot(),
                record.deadlineSinceBoot());
    }

    private static ExecRecord row(ResultSet row) throws SQLException {
        return new ExecRecord(
                row.getString("id"),
                row.getString("container"),
                row.getString("runtime"),
                row.getString("request_hash"),
                row.getString("spec"),
                ExecRecord.State.valueOf(row.getString("state")),
                row.getLong("pid"),
                Sql.instant(row, "created_at"),
                Sql.optionalInstant(row, "started_at"),
                Sql.optionalInstant(row, "ended_at"),
                Sql.optionalInstant(row, "deadline"),
                row.getString("exit"),
                row.getLong("stdout_bytes"),
                row.getLong("stderr_bytes"),
                row.getString("boot"),
                Sql.optionalDuration(row, "started_since_boot"),
                Sql.optionalDuration(row, "deadline_since_boot"));
    }
}
