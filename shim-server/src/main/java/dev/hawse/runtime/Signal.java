package dev.hawse.runtime;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** A Linux signal, 1 to 64, with the numbers of x86-64 and arm64. */
public record Signal(int number) {

    private static final String[] NAMES = {
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
        "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
        "WINCH", "IO", "PWR", "SYS"
    };
    private static final Map<String, Integer> NUMBERS = numbers();
    private static final int RTMIN = 34;
    private static final int RTMAX = 64;

    public static final Signal KILL = new Signal(9);
    public static final Signal TERM = new Signal(15);

    public Signal {
        if (number < 1 || number > RTMAX) {
            throw unknown(Integer.toString(number));
        }
    }

    /** Reads "TERM", "SIGTERM", "15" or "RTMIN+3", in any case. */
    public static Signal parse(String text) {
        var name = text.strip().toUpperCase(Locale.ROOT);
        name = name.startsWith("SIG") ? name.substring(3) : name;
        var known = NUMBERS.get(name);
        if (known != null) {
            return new Signal(known);
        }
        try {
            return switch (name) {
                case String n
                when n.startsWith("RTMIN+") -> realTime(text, RTMIN + Integer.parseUnsignedInt(n, 6, n.length(), 10));
                case String n
                when n.startsWith("RTMAX-") -> realTime(text, RTMAX - Integer.parseUnsignedInt(n, 6, n.length(), 10));
                default -> new Signal(Integer.parseInt(name));
            };
        } catch (NumberFormatException e) {
            throw unknown(text);
        }
    }

    private static Signal realTime(String text, int number) {
        if (number < RTMIN || number > RTMAX) {
            throw unknown(text);
        }
        return new Signal(number);
    }

    private static RuntimeFailure unknown(String text) {
        return RuntimeFailure.invalid(
                "signal",
                "\"" + Text.printable(text)
                        + "\" is no signal; allowed are names as TERM or SIGTERM, RTMIN+n, and 1 to 64");
    }

    private static Map<String, Integer> numbers() {
        var numbers = new HashMap<String, Integer>();
        for (int i = 0; i < NAMES.length; i++) {
            numbers.put(NAMES[i], i + 1);
        }
        numbers.put("IOT", 6);
        numbers.put("CLD", 17);
        numbers.put("POLL", 29);
        numbers.put("RTMIN", RTMIN);
        numbers.put("RTMAX", RTMAX);
        return Map.copyOf(numbers);
    }

    /** With "SIG", as "SIGTERM". */
    public String signalName() {
        if (number <= NAMES.length) {
            return "SIG" + NAMES[number - 1];
        }
        return number < RTMIN ? "SIG" + number : number == RTMIN ? "SIGRTMIN" : "SIGRTMIN+" + (number - RTMIN);
    }

    @Override
    public String toString() {
        return signalName();
    }
}
