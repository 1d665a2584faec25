package dev.hawse.soak;

import dev.hawse.client.AttachExecSpec;
import dev.hawse.client.ConnectionListener;
import dev.hawse.client.ExecSession;
import dev.hawse.client.ExitStatus;
import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import dev.hawse.client.HawseException.Code;
import dev.hawse.client.OutputKind;
import dev.hawse.client.OutputListener;
import dev.hawse.client.OutputOffsets;
import dev.hawse.client.ProcessExit;
import dev.hawse.client.SignalScope;
import dev.hawse.soak.Verdict.Outcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Executes one command of a soak and judges all that comes of it. For one thread. */
final class SoakExec implements OutputListener, ConnectionListener {

    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration AFTER_LOST_INPUT = Duration.ofSeconds(10);
    private static final Set<Code> PASSING = Set.of(Code.UNAVAILABLE, Code.TIMEOUT, Code.ABORTED);

    private final HawseClient client;
    private final String container;
    private final SoakCommand command;
    private final boolean again;
    private final boolean maybeEnded;
    private final Random random;
    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private final CountDownLatch ready = new CountDownLatch(1);
    private volatile boolean disconnected;
    private OutputOffsets from = OutputOffsets.ZERO;
    private int repeated;
    private final Set<String> refusals = new LinkedHashSet<>();
    private boolean endedByUs;

    /** @param asked how many clients were killed that had it: the second of them may have ended it */
    SoakExec(HawseClient client, String container, SoakCommand command, int asked) {
        this.client = client;
        this.container = container;
        this.command = command;
        this.again = asked > 0;
        this.maybeEnded = asked > 1;
        this.random = new Random(command.number());
    }

    Verdict run() {
        ExecSession session;
        try {
            session = begin();
        } catch (HawseException e) {
            return verdict(
                    PASSING.contains(e.code()) ? Outcome.REFUSED : Outcome.WRONG,
                    false,
                    "start: " + words(e) + refusals);
        }
        try (session) {
            session.onConnection(this);
            session.onOutput(this);
            var prefix = again && session.existing() && command.kind().input;
            if (command.kind().input) {
                write(session, prefix);
            }
            return judge(session, awaitExit(session, prefix), prefix);
        } catch (HawseException e) {
            return verdict(
                    e.code() == Code.UNAVAILABLE ? Outcome.CUT : Outcome.WRONG,
                    false,
                    session.execId() + ": " + words(e));
        } catch (IOException e) {
            return verdict(Outcome.WRONG, false, session.execId() + ": " + e);
        }
    }

    /** Asks until there is an answer, where that can start it only once. */
    private ExecSession begin() {
        var end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                var session = client.exec(container, command.spec());
                return again && session.existing() && !command.kind().input ? attachSomewhere(session) : session;
            } catch (HawseException e) {
                var passing = PASSING.contains(e.code()) || e.reason() == HawseException.Reason.WRITER_TAKEN;
                if (!command.detached() || !passing || System.nanoTime() > end) {
                    throw e;
                }
                repeated++;
                refusals.add(words(e));
                pause();
            }
        }
    }

    /** From the beginning, or from any byte that was there already. */
    private ExecSession attachSomewhere(ExecSession first) {
        try (first) {
            if (random.nextBoolean()) {
                var head = client.execs().get(first.execId()).head();
                from = new OutputOffsets(random.nextLong(head.stdout() + 1), random.nextLong(head.stderr() + 1));
            }
        }
        return client.execs()
                .attach(
                        first.execId(),
                        AttachExecSpec.builder().from(from).reconnect(PATIENCE).build());
    }

    private void write(ExecSession session, boolean nothing) throws IOException {
        try {
            var stdin = session.stdin();
            if (command.kind().terminal && !nothing && !awaitReady(session)) {
                return;
            }
            var input = command.input();
            for (int at = 0; at < input.length && !nothing; ) {
                int length = Math.min(input.length - at, 1 + random.nextInt(128 << 10));
                stdin.write(input, at, length);
                at += length;
            }
            // In raw mode the end of the input would be a byte like any other.
            if (!command.kind().terminal) {
                stdin.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            // Where the connection broke, awaiting the exit tells why.
            if (!disconnected && session.awaitExit(AFTER_LOST_INPUT).isEmpty()) {
                throw e;
            }
        }
    }

    /** Whether the terminal is as it is needed; not when the command has ended before. */
    private boolean awaitReady(ExecSession session) throws IOException, InterruptedException {
        var end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            if (ready.await(100, TimeUnit.MILLISECONDS)) {
                return true;
            }
            if (session.awaitExit(Duration.ZERO).isPresent()) {
                return false;
            }
        }
        throw new IOException("the terminal was not ready in time");
    }

    private @Nullable ProcessExit awaitExit(ExecSession session, boolean prefix) {
        if ((disconnected || prefix) && command.kind().input) {
            var exit = session.awaitExit(AFTER_LOST_INPUT);
            if (exit.isPresent()) {
                return exit.get();
            }
            // It may wait for input that will never come.
            kill(session);
        }
        var exit = session.awaitExit(PATIENCE);
        if (exit.isEmpty() && disconnected && command.kind().input && !endedByUs) {
            kill(session);
            exit = session.awaitExit(PATIENCE);
        }
        return exit.orElse(null);
    }

    /** Also while a daemon is away: what outlives its client would be left behind. */
    private void kill(ExecSession session) {
        endedByUs = true;
        var end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                client.execs().signal(session.execId(), "KILL", SignalScope.TREE);
                return;
            } catch (HawseException e) {
                if (!command.detached() || !PASSING.contains(e.code()) || System.nanoTime() > end) {
                    throw e;
                }
                pause();
            }
        }
    }

    private Verdict judge(ExecSession session, @Nullable ProcessExit exit, boolean prefix) {
        var id = session.execId();
        if (exit == null) {
            return verdict(Outcome.WRONG, false, id + ": no end after " + PATIENCE.toSeconds() + " s, " + counts());
        }
        var marked = exit.possibleGap();
        var out = Match.of(rest(command.stdout(), from.stdout()), stdout.toByteArray());
        var err = Match.of(rest(command.stderr(), from.stderr()), stderr.toByteArray());
        var text = "%s: %s; stdout %s; stderr %s; %s".formatted(id, exit, out, err, counts());
        if (exit.status() instanceof ExitStatus.Lost lost) {
            var cut = lost.reason().contains("known whether") && isPrefix(out) && isPrefix(err);
            return verdict(cut ? Outcome.START_LOST : Outcome.LOST, marked, text);
        }
        var endedBefore = maybeEnded && prefix && exit.status().equals(new ExitStatus.Signal(9));
        var codeIsRight = endedByUs || endedBefore || exit.status().equals(new ExitStatus.Code(command.exitCode()));
        if (out.exact() && err.exact() && codeIsRight && session.missedBytes() == 0 && bytesAddUp(exit)) {
            return verdict(Outcome.EXACT, marked, text);
        }
        var digestOfLess = command.kind() == SoakCommand.Kind.DIGEST && (prefix || disconnected);
        if (!codeIsRight || (!digestOfLess && (out.difference() != null || err.difference() != null))) {
            return verdict(Outcome.WRONG, marked, text);
        }
        if (prefix && (digestOfLess || (isPrefix(out) && isPrefix(err)))) {
            return verdict(Outcome.PREFIX, marked, text);
        }
        if (marked) {
            return verdict(Outcome.GAP, true, text);
        }
        return verdict(disconnected && command.kind().input ? Outcome.INPUT_LOST : Outcome.WRONG, false, text);
    }

    private static boolean isPrefix(Match match) {
        return match.exact() || match.cutOff();
    }

    private boolean bytesAddUp(ProcessExit exit) {
        return exit.stdoutBytes() == from.stdout() + stdout.size()
                && exit.stderrBytes() == from.stderr() + stderr.size();
    }

    private static byte[] rest(byte[] all, long from) {
        return Arrays.copyOfRange(all, (int) Math.min(all.length, from), all.length);
    }

    private String counts() {
        return "got %d+%d bytes from %d+%d%s%s%s"
                .formatted(
                        stdout.size(),
                        stderr.size(),
                        from.stdout(),
                        from.stderr(),
                        disconnected ? ", was disconnected" : "",
                        endedByUs ? ", ended by this test" : "",
                        repeated > 0 ? ", refused before with " + refusals : "");
    }

    private Verdict verdict(Outcome outcome, boolean marked, String text) {
        long bytes = (command.kind().input ? (long) command.size() : 0) + stdout.size() + stderr.size();
        return new Verdict(
                command.number(),
                outcome,
                bytes,
                marked,
                repeated,
                command + " in " + container.substring(0, 12) + ": " + text);
    }

    private static String words(HawseException e) {
        return e.code() + " " + e.reason() + " " + e.getMessage();
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void output(OutputKind stream, ByteBuffer data) {
        var bytes = new byte[data.remaining()];
        data.get(bytes);
        (stream == OutputKind.STDOUT ? stdout : stderr).writeBytes(bytes);
        ready.countDown();
    }

    @Override
    public void disconnected(HawseException why) {
        disconnected = true;
    }
}
