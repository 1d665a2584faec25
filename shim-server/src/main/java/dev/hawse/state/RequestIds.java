package dev.hawse.state;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Requests that callers gave an id, so that each is done at most once, also across the death of server and host. One whose
 * result is over is kept for a day; of more than 10 000 those that ended first go first. One that is not over never goes.
 */
final class RequestIds {

    static final Duration KEPT = Duration.ofHours(24);
    static final int MOST = 10_000;

    private RequestIds() {}

    /** Takes a request id, or tells who has it. */
    static Claim claim(Connection c, RequestId id, String hash, String result, Instant now) throws SQLException {
        Sql.update(c, "DELETE FROM request WHERE ended_at < ?", now.minus(KEPT));
        var known = find(c, id);
        if (known.isPresent()) {
            return known.get();
        }
        makeRoom(c);
        Sql.update(
                c,
                "INSERT INTO request (method, key, hash, result, created_at) VALUES (?, ?, ?, ?, ?)",
                id.method(),
                id.key(),
                hash,
                result,
                now);
        return new Claim.First();
    }

    private static Optional<Claim.Known> find(Connection c, RequestId id) throws SQLException {
        return Sql.list(
                        c,
                        row -> new Claim.Known(
                                row.getString("hash"),
                                row.getString("result"),
                                Sql.optionalInstant(row, "ended_at") != null),
                        "SELECT hash, result, ended_at FROM request WHERE method = ? AND key = ?",
                        id.method(),
                        id.key())
                .stream()
                .findFirst();
    }

    private static void makeRoom(Connection c) throws SQLException {
        if (Sql.number(c, "SELECT count(*) FROM request") < MOST) {
            return;
        }
        var gone = Sql.update(
                c,
                "DELETE FROM request WHERE rowid ="
                        + " (SELECT rowid FROM request WHERE ended_at IS NOT NULL ORDER BY ended_at LIMIT 1)");
        if (gone == 0) {
            throw RuntimeFailure.of(
                    Reason.LIMIT_REACHED,
                    "request_id: " + MOST
                            + " requests with an id are under way, and no more are taken; wait for one to end");
        }
    }
}
