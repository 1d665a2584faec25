package dev.hawse.exec;

import dev.hawse.failpoint.FailPoint;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExecOperations;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.RuntimeKind;
import dev.hawse.runtime.Text;
import dev.hawse.state.Claim;
import dev.hawse.sys.Reactors;
import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The commands of all engines: those that run, and those whose record is still kept. Safe for use by any number of threads;
 * nothing here blocks but {@link #recover} and {@link #close}. Closing it, when no call is served any more, ends what is not
 * to go on without its callers and waits for that; commands that may outlive the server go on.
 *
 * <p>A command that may outlive its caller, or was asked for with a request id, is on disk before its engine hears of it, so
 * it is found again whenever the server was killed, and never started twice. Of any other only this server's life knows:
 * when it is killed the next one ends it.
 */
public final class Execs implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Execs.class);
    private static final Pattern PREFIX = Pattern.compile("[0-9a-f]{1,64}");

    private final ConcurrentSkipListMap<String, Exec> all = new ConcurrentSkipListMap<>();
    private final ScheduledThreadPoolExecutor timer;
    private final ExecJournal journal;
    private final Spools spools;
    private final Retention retention;
    private final Surroundings around;
    private final Recovery recovery;

    /** @param workers for what may wait: a thread per task */
    public Execs(ExecSettings settings, Executor workers) {
        this.timer = new ScheduledThreadPoolExecutor(
                1, Thread.ofPlatform().daemon().name("exec-timer").factory(), new ThreadPoolExecutor.DiscardPolicy());
        timer.setRemoveOnCancelPolicy(true);
        this.journal = new ExecJournal(settings.records(), settings.boot(), settings.sinceBoot());
        this.spools = new Spools(settings.historyDir(), settings.spillDir(), workers);
        this.retention = new Retention(settings.retention(), timer, this::forget);
        this.around = new Surroundings(timer, workers, journal, new Search(timer, workers), new Surroundings.Keeper() {
            @Override
            public void ended(Exec exec) {
                retention.keep(exec);
            }

            @Override
            public void vanished(Exec exec) {
                // Who finds it gone asks for its request id behind this.
                journal.withdraw(exec);
                all.remove(exec.id().value());
                Spools.delete(exec.id(), exec.spool());
            }
        });
        this.recovery = new Recovery(journal, spools, around, retention);
    }

    /**
     * A command that was asked for, and whether that was before, by a request with the same id.
     *
     * @param caller who asked for it, when it wants to be attached
     */
    public record Begun(
            Exec exec, boolean existing, @Nullable Attachment caller) {}

    /**
     * Has an engine start a command, unless the same request was made before. Answers as soon as that is clear, without
     * waiting for the start: {@link Exec#settled} tells of that. When nobody attaches, the command goes on by its disconnect
     * policy.
     *
     * @param how the caller wants to be attached; null not at all
     * @return or fails with a {@link RuntimeFailure}: the request id was used for another request, or cannot be remembered
     */
    public CompletableFuture<Begun> begin(
            ExecOperations engine, Command command, @Nullable Joining how, @Nullable Viewer viewer) {
        var id = ExecId.random();
        var exec = new Exec(id, command, Instant.now(), spools.open(id, command), around);
        all.put(id.value(), exec);
        var caller = how == null || viewer == null ? null : exec.join(how, viewer);
        var begun = new Begun(exec, false, caller);
        Runnable start = Reactors.keepNear(() -> exec.start(engine));
        if (!command.durable()) {
            start.run();
            return CompletableFuture.completedFuture(begun);
        }
        return claim(exec).handle((claim, failure) -> {
            if (failure != null) {
                drop(exec);
                throw RuntimeFailures.rethrown(failure);
            }
            return switch (claim) {
                case Claim.First _ -> {
                    FailPoint.at("exec.recorded");
                    start.run();
                    yield begun;
                }
                case Claim.Known known -> {
                    drop(exec);
                    var first = first(command, known);
                    yield new Begun(first, true, how == null || viewer == null ? null : first.join(how, viewer));
                }
            };
        });
    }

    /** Asked a second time where the first one has just come to nothing. */
    private CompletableFuture<Claim> claim(Exec exec) {
        return journal.begin(exec)
                .thenCompose(claim -> claim instanceof Claim.Known known && !all.containsKey(known.result())
                        ? journal.begin(exec)
                        : CompletableFuture.completedFuture(claim));
    }

    /** It is not needed, and nobody has heard of it. */
    private void drop(Exec exec) {
        all.remove(exec.id().value());
        exec.life().vanish();
        Spools.delete(exec.id(), exec.spool());
    }

    private Exec first(Command command, Claim.Known known) {
        var request = command.request();
        if (request == null || !known.hash().equals(request.hash())) {
            throw RuntimeFailure.of(
                    Reason.REQUEST_ID_REUSED,
                    "request_id: it was used for another request, and its command is " + known.result(),
                    Map.of("exec", known.result()));
        }
        var first = all.get(known.result());
        if (first == null) {
            throw RuntimeFailure.of(
                    Reason.EXEC_NOT_FOUND,
                    "the command " + known.result() + " of this request id has ended, and its record is no longer kept",
                    Map.of("exec", known.result()));
        }
        return first;
    }

    /** The command with this id, or this unique prefix of one. */
    public Exec find(String idOrPrefix) {
        if (idOrPrefix.isEmpty()) {
            throw RuntimeFailure.invalid("exec_id", "is required: an id, or a unique prefix of one");
        }
        var found = PREFIX.matcher(idOrPrefix).matches()
                ? all.subMap(idOrPrefix, true, idOrPrefix + "g", false).values()
                : Collections.<Exec>emptyList();
        var first = found.stream().findFirst().orElseThrow(() -> notFound(idOrPrefix));
        if (idOrPrefix.length() < first.id().value().length()
                && found.stream().skip(1).findFirst().isPresent()) {
            throw RuntimeFailure.of(
                    Reason.AMBIGUOUS_ID,
                    "the ids of several commands begin with \"" + idOrPrefix + "\"",
                    Map.of("exec", idOrPrefix));
        }
        return first;
    }

    private static RuntimeFailure notFound(String id) {
        return RuntimeFailure.of(
                Reason.EXEC_NOT_FOUND,
                "no command has the id or id prefix \"" + Text.printable(id) + "\", or its record is no longer kept",
                Map.of("exec", Text.printable(id)));
    }

    /** All of them, in no order. */
    public Collection<Exec> all() {
        return Collections.unmodifiableCollection(all.values());
    }

    private void forget(Exec exec) {
        exec.forgotten();
        all.remove(exec.id().value());
        journal.forget(exec);
        Spools.delete(exec.id(), exec.spool());
    }

    /**
     * Reads what earlier lives of this server remembered. To be called once, before any call is served; may block.
     *
     * @see #recover
     */
    public void load() {
        recovery.load(exec -> all.put(exec.id().value(), exec));
        spools.sweep(id -> all.containsKey(id.value()));
    }

    /**
     * Takes over an engine's commands as soon as it answers, many at a time, and begins to end those there that nobody here
     * knows. Completes, and never fails, when the engine has been asked once for each.
     */
    public CompletableFuture<Void> recover(ExecOperations engine, RuntimeKind kind) {
        return engine.ready()
                .thenComposeAsync(
                        _ -> CompletableFuture.allOf(
                                recovery.adopt(all.values(), engine, kind),
                                CompletableFuture.runAsync(
                                        () -> engine.endLeftovers(id -> all.containsKey(id.value())),
                                        around.workers())),
                        around.workers())
                .exceptionally(e -> {
                    log.error("not all commands of earlier lives of this server were taken over or ended", e);
                    return null;
                });
    }

    @Override
    public void close() {
        LastMoments.end(all.values());
        timer.shutdownNow();
    }
}
