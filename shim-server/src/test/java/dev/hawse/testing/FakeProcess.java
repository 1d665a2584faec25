package dev.hawse.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hawse.runtime.DrainState;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.OutputWriter;
import dev.hawse.runtime.PhaseTimes;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.ProcessSession;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.SignalScope;
import dev.hawse.runtime.TerminalSize;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A process in memory. Safe for use by any number of threads.
 *
 * <p>It knows {@code echo WORDS}, {@code err WORDS} (to standard error), {@code exit CODE}, {@code bytes COUNT} (zeros, in
 * pieces of at most 64 KiB), {@code cat} (until its input ends) and {@code hold} (until it is signalled, or until a test
 * says otherwise; it takes no input until then).
 */
public final class FakeProcess {

    private static final Set<String> KNOWN = Set.of("echo", "err", "exit", "bytes", "cat", "hold");
    private static final int PIECE = 64 * 1024;
    private static final AtomicInteger PIDS = new AtomicInteger(1000);

    private final List<String> args;
    private final ProcessIo io;
    private final long pid = PIDS.incrementAndGet();
    private final List<FakeSession> sessions = new CopyOnWriteArrayList<>();
    private final List<Signal> signals = new CopyOnWriteArrayList<>();
    private final List<SignalScope> scopes = new CopyOnWriteArrayList<>();
    private final List<OutputWriter> writers = new CopyOnWriteArrayList<>();
    private final AtomicInteger releases = new AtomicInteger();
    private final Set<Integer> ignored = ConcurrentHashMap.newKeySet();
    private final List<TerminalSize> sizes = new CopyOnWriteArrayList<>();
    private final List<Consumer<ProcessExit>> exitListeners = new CopyOnWriteArrayList<>();
    private final List<Chunk> log = new ArrayList<>();
    private final List<Runnable> waitingForInput = new ArrayList<>();
    private final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();
    private final AtomicInteger inputEnds = new AtomicInteger();
    private long stdoutBytes;
    private long stderrBytes;

    FakeProcess(List<String> args, ProcessIo io) {
        this.args = List.copyOf(args);
        this.io = io;
    }

    static boolean knows(List<String> args) {
        return !args.isEmpty() && KNOWN.contains(args.getFirst());
    }

    public long pid() {
        return pid;
    }

    public boolean running() {
        return !exit.isDone();
    }

    /** The signals that it got. */
    public List<Signal> signals() {
        return List.copyOf(signals);
    }

    /** To whom each of them was sent. */
    public List<SignalScope> scopes() {
        return List.copyOf(scopes);
    }

    /** Makes it outlive this signal. */
    public void ignore(Signal signal) {
        ignored.add(signal.number());
    }

    /** How often it was let go of after its end. */
    public int releases() {
        return releases.get();
    }

    /** The sizes that its terminal got after the first. */
    public List<TerminalSize> sizes() {
        return List.copyOf(sizes);
    }

    /** How often its input was ended. */
    public int inputEnds() {
        return inputEnds.get();
    }

    /** Completes with its end. */
    public CompletableFuture<ProcessExit> exit() {
        return exit.copy();
    }

    /** How many callers hold it. */
    public int sessions() {
        return sessions.size();
    }

    /** Writes as if the program did. */
    public void write(OutputKind stream, byte[] bytes) {
        var chunk = record(stream, bytes);
        if (chunk != null) {
            sessions.forEach(session -> session.offer(chunk));
            writers.forEach(writer -> writer.append(chunk.stream(), bytes.clone()));
        }
    }

    /** Tells every reader that it missed so many bytes. */
    public void gap(OutputKind stream, long from, long to) {
        sessions.forEach(session -> session.gap(stream, from, to));
    }

    /** Ends it. */
    public void end(ExitOutcome outcome) {
        List<Runnable> accepted;
        ProcessExit end;
        synchronized (this) {
            end = new ProcessExit(
                    outcome, stdoutBytes, stderrBytes, DrainState.COMPLETE, false, Instant.now(), PhaseTimes.NONE);
            accepted = List.copyOf(waitingForInput);
            waitingForInput.clear();
        }
        if (exit.complete(end)) {
            accepted.forEach(Runnable::run);
            sessions.forEach(session -> session.end(end));
            writers.forEach(writer -> writer.finish(end));
            exitListeners.forEach(listener -> listener.accept(end));
        }
    }

    void run() {
        var words = String.join(" ", args.subList(1, args.size()));
        switch (args.getFirst()) {
            case "echo" -> write(OutputKind.STDOUT, (words + "\n").getBytes(UTF_8));
            case "err" -> write(OutputKind.STDERR, (words + "\n").getBytes(UTF_8));
            case "bytes" -> {
                for (var left = Long.parseLong(words); left > 0; left -= PIECE) {
                    write(OutputKind.STDOUT, new byte[(int) Math.min(left, PIECE)]);
                }
            }
            case "cat", "hold" -> {
                if (io.stdin() || args.getFirst().equals("hold")) {
                    return;
                }
            }
            default -> {}
        }
        end(new ExitOutcome.Code(args.getFirst().equals("exit") ? Integer.parseInt(words) : 0));
    }

    void onExit(Consumer<ProcessExit> listener) {
        exitListeners.add(listener);
    }

    /** Writes there from now on. */
    void pour(OutputWriter out) {
        writers.add(out);
    }

    void release() {
        releases.incrementAndGet();
    }

    /** @param owner whether closing the session kills the process */
    ProcessSession session(OutputSink sink, boolean owner) {
        var session = new FakeSession(this, sink, owner);
        sessions.add(session);
        var _ = exit.thenAccept(session::end);
        return session;
    }

    synchronized List<Chunk> log() {
        return List.copyOf(log);
    }

    void left(FakeSession session, boolean owner) {
        sessions.remove(session);
        if (owner && running()) {
            signal(Signal.KILL, SignalScope.PROCESS);
        }
    }

    void input(byte[] bytes, Runnable accepted) {
        if (!io.stdin()) {
            throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "stdin: the process has no input");
        }
        if (running() && args.getFirst().equals("hold")) {
            synchronized (this) {
                waitingForInput.add(accepted);
            }
            return;
        }
        if (running()) {
            write(OutputKind.STDOUT, bytes.clone());
        }
        accepted.run();
    }

    void endInput() {
        inputEnds.incrementAndGet();
        if (args.getFirst().equals("cat")) {
            end(new ExitOutcome.Code(0));
        }
    }

    void resize(TerminalSize size) {
        if (io.terminal()) {
            sizes.add(size);
        }
    }

    void signal(Signal signal, SignalScope scope) {
        scopes.add(scope);
        signals.add(signal);
        if (running() && signal.number() != 28 && !ignored.contains(signal.number())) {
            end(new ExitOutcome.Signaled(signal));
        }
    }

    private synchronized @Nullable Chunk record(OutputKind stream, byte[] bytes) {
        if (exit.isDone() || bytes.length == 0) {
            return null;
        }
        var kind = io.terminal() ? OutputKind.STDOUT : stream;
        var chunk = new Chunk(kind, kind == OutputKind.STDOUT ? stdoutBytes : stderrBytes, bytes, Instant.now());
        if (kind == OutputKind.STDOUT) {
            stdoutBytes += bytes.length;
        } else {
            stderrBytes += bytes.length;
        }
        log.add(chunk);
        return chunk;
    }

    /** Bytes and their place in their stream. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Chunk(OutputKind stream, long offset, byte[] bytes, Instant time) {}
}
