package dev.hawse.soak;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.hawse.client.DisconnectPolicy;
import dev.hawse.client.ExecSpec;
import dev.hawse.client.OutputPolicy;
import dev.hawse.client.TerminalSize;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;

/**
 * One command of a soak: what it is, what goes in, and what must come out. All of it follows from the seed and the number,
 * so any process can judge it. Every one writes its number into {@link #LEDGER} first.
 *
 * @param size of the input, or of standard output when there is none
 * @param errorSize of standard error where it differs from standard output
 * @param detached whether it outlives its client, and may be asked for again
 */
record SoakCommand(long seed, int number, Kind kind, int size, int errorSize, int exitCode, boolean detached) {

    /** Where in its container a command writes that it ran. */
    static final String LEDGER = "/tmp/ran";

    /** What a terminal's command says when the terminal is as it needs it. */
    static final char READY = 'R';

    private static final long HISTORY = 32L << 20;
    private static final Duration AWAY = Duration.ofMinutes(2);
    private static final int FIRST_LINE = 10_000_000;
    private static final int LAST_LINE = 99_999_999;
    private static final int LINE = 9;

    /** What a command does. */
    enum Kind {
        /** Writes numbered lines to both outputs at once. */
        OUTPUT(false, false),
        /** Writes its input to both outputs. */
        ECHO(true, false),
        /** Writes the digest of its input. */
        DIGEST(true, false),
        /** Writes numbered lines to a terminal. */
        TERMINAL_OUTPUT(false, true),
        /** Writes what it reads from a terminal in raw mode. */
        TERMINAL_ECHO(true, true);

        final boolean input;
        final boolean terminal;

        Kind(boolean input, boolean terminal) {
            this.input = input;
            this.terminal = terminal;
        }
    }

    /**
     * The command with a number.
     *
     * @param largest the most bytes each way; sizes are spread evenly over their orders of magnitude
     * @param detached whether some may outlive their clients
     */
    static SoakCommand of(long seed, int number, int largest, boolean detached) {
        var random = new Random(seed * 1_000_003 + number);
        var kind = Kind.values()[random.nextInt(Kind.values().length)];
        var size = size(random, largest);
        var errorSize = size(random, largest);
        var exitCode = random.nextInt(3) == 0 ? random.nextInt(126) : 0;
        // Those with input that do not outlive their client are to be killed with it.
        var stays = detached && (!kind.input || random.nextBoolean());
        return new SoakCommand(seed, number, kind, size, errorSize, exitCode, stays);
    }

    private static int size(Random random, int largest) {
        return random.nextInt(100) == 0 ? largest : (int) Math.exp(random.nextDouble() * Math.log(largest + 1.0)) - 1;
    }

    ExecSpec spec() {
        var spec = ExecSpec.builder("sh", "-c", "echo " + number + " >>" + LEDGER + "; " + script());
        if (kind.input) {
            spec.stdin();
        }
        if (kind.terminal) {
            spec.terminal(new TerminalSize(80, 24));
        }
        if (detached) {
            spec.requestId("soak-" + seed + "-" + number)
                    .onDisconnect(DisconnectPolicy.detach(AWAY))
                    .output(OutputPolicy.block().withHistory(HISTORY))
                    .reconnect(AWAY);
        }
        return spec.build();
    }

    private String script() {
        var work = switch (kind) {
            case OUTPUT -> lines(size, 1) + " & " + lines(errorSize, 2) + " >&2; wait";
            case ECHO -> "tee /dev/stderr";
            case DIGEST -> "sha256sum";
            case TERMINAL_OUTPUT -> "stty -opost; " + lines(size, 1);
            case TERMINAL_ECHO -> "stty raw -echo; printf " + READY + "; head -c " + size;
        };
        return work + "; exit " + exitCode;
    }

    private String lines(int bytes, int stream) {
        return "seq %d %d | head -c %d".formatted(firstLine(stream), LAST_LINE, bytes);
    }

    private int firstLine(int stream) {
        return FIRST_LINE + new Random(seed ^ (2L * number + stream)).nextInt(80_000_000);
    }

    /** All that is written to it. */
    byte[] input() {
        var bytes = new byte[kind.input ? size : 0];
        new Random(seed + 31L * number).nextBytes(bytes);
        return bytes;
    }

    byte[] stdout() {
        return switch (kind) {
            case OUTPUT, TERMINAL_OUTPUT -> expectedLines(size, 1);
            case ECHO -> input();
            case DIGEST -> (digest(input()) + "  -\n").getBytes(US_ASCII);
            case TERMINAL_ECHO -> {
                var all = new byte[size + 1];
                all[0] = READY;
                System.arraycopy(input(), 0, all, 1, size);
                yield all;
            }
        };
    }

    byte[] stderr() {
        return switch (kind) {
            case OUTPUT -> expectedLines(errorSize, 2);
            case ECHO -> input();
            case DIGEST, TERMINAL_OUTPUT, TERMINAL_ECHO -> new byte[0];
        };
    }

    private byte[] expectedLines(int bytes, int stream) {
        var all = new byte[bytes];
        var line = firstLine(stream);
        for (int at = 0; at < bytes; at += LINE) {
            var text = (line + "\n").getBytes(US_ASCII);
            System.arraycopy(text, 0, all, at, Math.min(LINE, bytes - at));
            line++;
        }
        return all;
    }

    static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public String toString() {
        return "command %d (%s, %d bytes%s)".formatted(number, kind, size, detached ? ", detached" : "");
    }
}
