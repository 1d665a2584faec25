package dev.hawse.cli;

import dev.hawse.client.ConnectionListener;
import dev.hawse.client.ExecSession;
import dev.hawse.client.ExitStatus;
import dev.hawse.client.HawseException;
import dev.hawse.client.OutputGap;
import dev.hawse.client.OutputKind;
import dev.hawse.client.OutputListener;
import dev.hawse.client.ProcessSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Connects a process to our standard streams, until it ends or its user leaves. */
final class Interaction implements OutputListener, ConnectionListener {

    /** What a terminal's driver or another process may send us, to be passed on. */
    private static final List<String> FORWARDED = List.of("INT", "TERM", "HUP");

    /** What a shell reports for a program that its terminal's end ended. */
    private static final int HUNG_UP = 128 + 1;

    private final ProcessSession session;
    private final Console console;
    private final boolean input;
    private final @Nullable RawTerminal terminal;
    private final TypedInput typed;
    private final ScreenModes screen = new ScreenModes();
    private @Nullable String comeBack;
    private @Nullable Runnable hangup;
    private @Nullable LoggedOutput log;
    private boolean gapTold;
    private volatile boolean left;
    private volatile boolean hungUp;

    /**
     * One interaction.
     *
     * @param input whether our standard input goes to the process
     * @param terminal ours, when the process has one too
     */
    Interaction(ProcessSession session, Console console, boolean input, @Nullable RawTerminal terminal) {
        this.session = session;
        this.console = console;
        this.input = input;
        this.terminal = terminal;
        this.typed = new TypedInput(toReplay(session), System::nanoTime);
    }

    private static long toReplay(ProcessSession session) {
        return session instanceof ExecSession exec
                ? exec.headAtAttach().stdout() - exec.delivered().stdout()
                : 0;
    }

    /** How to come back to a command that is left. */
    static String attachAgain(ExecSession session) {
        return "hawse exec attach "
                + session.execId().substring(0, Math.min(12, session.execId().length()));
    }

    /** Lets these keys on the terminal leave the process alone; {@code how} says how to come back, empty if that is clear. */
    Interaction leaveBy(DetachKeys keys, String how) {
        if (terminal != null) {
            typed.detachBy(keys);
        }
        comeBack = how;
        return this;
    }

    /** Has the output come from there rather than from the session. */
    Interaction outputFrom(LoggedOutput source) {
        log = source;
        return this;
    }

    /** What to do when our terminal goes away. */
    Interaction onHangup(Runnable action) {
        hangup = action;
        return this;
    }

    /** Carries bytes and signals; returns what to exit with. */
    int run() throws IOException {
        if (terminal != null && (input || !(session instanceof ExecSession exec && exec.existing()))) {
            terminal.onResize(session::resize);
            // The window may have changed since its size went out with the start.
            session.resize(terminal.size());
        }
        if (terminal != null && input) {
            terminal.makeRaw();
            Signals.handle("HUP", this::hangUp);
        } else {
            for (var signal : FORWARDED) {
                Signals.handle(signal, () -> session.signal(signal));
            }
        }
        if (session instanceof ExecSession exec) {
            exec.onConnection(this);
        }
        session.onOutput(log == null ? this : (stream, data) -> {});
        if (input) {
            Thread.ofPlatform().daemon().name("stdin").start(this::pump);
        }
        try {
            var exit = session.awaitExit();
            if (log != null) {
                log.awaitEnd();
            }
            if (exit.timedOut()) {
                say("the command's time was over, and it was ended");
            }
            return exitCode(exit.status());
        } catch (HawseException e) {
            if (hungUp) {
                return HUNG_UP;
            }
            if (left) {
                console.print(screen.reset());
                if (comeBack == null || comeBack.isEmpty()) {
                    // The prompt that comes next is not to stand behind the process's own.
                    console.errorText("\r\n");
                }
                tellHowToComeBack("the command goes on");
                return 0;
            }
            if (e.code() == HawseException.Code.UNAVAILABLE) {
                tellHowToComeBack("if the command goes on");
            }
            throw e;
        }
    }

    private void tellHowToComeBack(String when) {
        if (comeBack != null && !comeBack.isEmpty()) {
            say(when + ", '" + comeBack + "' comes back to it");
        }
    }

    private void hangUp() {
        hungUp = true;
        if (hangup != null) {
            hangup.run();
        }
        session.close();
    }

    private int exitCode(ExitStatus status) {
        if (log == null && session.missedBytes() > 0) {
            say(session.missedBytes() + " bytes of output are missing");
        }
        switch (status) {
            case ExitStatus.SpawnFailed f -> say(Printable.escape(f.message()));
            case ExitStatus.Lost l -> say("how the process ended is not known: " + Printable.escape(l.reason()));
            case ExitStatus.Code _, ExitStatus.Signal _ -> {}
        }
        return status.shellCode();
    }

    /** A line of our own; on a raw terminal the process may have left the cursor anywhere. */
    private void say(String text) {
        console.errorText(isRaw() ? "\r\nhawse: " + text + "\r\n" : "hawse: " + text + "\n");
    }

    private boolean isRaw() {
        return terminal != null && input;
    }

    // ---- what comes from the process ----

    @Override
    public void output(OutputKind stream, ByteBuffer data) throws IOException {
        gapTold = false;
        var bytes = new byte[data.remaining()];
        data.get(bytes);
        (stream == OutputKind.STDERR ? console.err() : console.out()).write(bytes);
        typed.shown(stream, bytes.length);
        if (isRaw()) {
            screen.shown(bytes);
        }
    }

    @Override
    public void gap(OutputGap gap) {
        typed.shown(gap.stream(), gap.bytes());
        // A terminal has one output, and a server that is killed leaves a mark in both.
        boolean second = gap.stream() == OutputKind.STDERR && (terminal != null || gapTold);
        if (gap.cause() == OutputGap.Cause.SERVER_KILLED && !second) {
            gapTold = true;
            say("the server was killed here: output may be missing");
        }
    }

    @Override
    public void disconnected(HawseException why) {
        typed.away(true);
        if (isRaw()) {
            say("the server is away; this waits for it to come back, ctrl-c leaves");
        } else {
            say("the server is away: " + Printable.escape(String.valueOf(why.getMessage())));
        }
    }

    @Override
    public void reconnected() {
        typed.away(false);
        say(isRaw() ? "connected again; a key brings a prompt that is not shown" : "connected again");
    }

    @Override
    public void writerLost() {
        say("another caller gives the input now; this one only watches");
    }

    // ---- what goes to it ----

    private void pump() {
        var buffer = new byte[32 << 10];
        try (var stdin = session.stdin()) {
            for (int n = console.in().read(buffer); n >= 0; n = console.in().read(buffer)) {
                if (terminal == null) {
                    stdin.write(buffer, 0, n);
                } else {
                    stdin.write(typed.pass(buffer, n));
                }
                if (typed.isLeaving()) {
                    left = true;
                    session.close();
                    return;
                }
            }
        } catch (IOException e) {
            // The process reads no more, or has ended: its exit says so, and comes on the other thread.
            return;
        }
    }
}
