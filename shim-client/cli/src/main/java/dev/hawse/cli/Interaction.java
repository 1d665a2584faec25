package dev.hawse.cli;

import dev.hawse.client.ExitStatus;
import dev.hawse.client.HawseException;
import dev.hawse.client.OutputKind;
import dev.hawse.client.ProcessSession;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Connects a process to our standard streams, until it ends or its user leaves. */
final class Interaction {

    /** What a terminal's driver or another process may send us, to be passed on. */
    private static final List<String> FORWARDED = List.of("INT", "TERM", "HUP");

    private final ProcessSession session;
    private final Console console;
    private final boolean input;
    private final @Nullable RawTerminal terminal;
    private final @Nullable DetachKeys detachKeys;
    private volatile boolean detached;

    /**
     * One interaction.
     *
     * @param input whether our standard input goes to the process
     * @param terminal ours, when the process has one too
     * @param detachable whether ctrl-p ctrl-q on it leaves the process alone
     */
    Interaction(
            ProcessSession session,
            Console console,
            boolean input,
            @Nullable RawTerminal terminal,
            boolean detachable) {
        this.session = session;
        this.console = console;
        this.input = input;
        this.terminal = terminal;
        this.detachKeys = detachable && terminal != null ? new DetachKeys() : null;
    }

    /** Carries bytes and signals; returns what to exit with. */
    int run() throws IOException {
        if (terminal != null) {
            terminal.onResize(session::resize);
            // The window may have changed since its size went out with the start.
            session.resize(terminal.size());
        }
        if (terminal != null && input) {
            terminal.makeRaw();
        } else {
            for (var signal : FORWARDED) {
                Signals.handle(signal, () -> session.signal(signal));
            }
        }
        session.onOutput((stream, data) -> {
            var bytes = new byte[data.remaining()];
            data.get(bytes);
            (stream == OutputKind.STDERR ? console.err() : console.out()).write(bytes);
        });
        if (input) {
            Thread.ofPlatform().daemon().name("stdin").start(this::pump);
        }
        try {
            return exitCode(session.awaitExit().status());
        } catch (HawseException e) {
            if (detached) {
                // The prompt that comes next is not to stand behind the process's own.
                console.errorText("\r\n");
                return 0;
            }
            throw e;
        }
    }

    private int exitCode(ExitStatus status) {
        if (session.missedBytes() > 0) {
            console.error("hawse: " + session.missedBytes() + " bytes of output came faster than they could be shown");
        }
        switch (status) {
            case ExitStatus.SpawnFailed f -> console.error("hawse: " + Printable.escape(f.message()));
            case ExitStatus.Lost l ->
                console.error("hawse: how the process ended is not known: " + Printable.escape(l.reason()));
            case ExitStatus.Code _, ExitStatus.Signal _ -> {}
        }
        return status.shellCode();
    }

    private void pump() {
        var buffer = new byte[32 << 10];
        try (var stdin = session.stdin()) {
            for (int n = console.in().read(buffer); n >= 0; n = console.in().read(buffer)) {
                if (detachKeys == null) {
                    stdin.write(buffer, 0, n);
                } else {
                    stdin.write(detachKeys.pass(buffer, n));
                    if (detachKeys.found()) {
                        detached = true;
                        session.close();
                        return;
                    }
                }
            }
        } catch (IOException e) {
            // The process reads no more, or has ended: its exit says so, and comes on the other thread.
            return;
        }
    }
}
