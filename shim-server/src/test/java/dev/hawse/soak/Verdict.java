package dev.hawse.soak;

/**
 * What became of one command, as its client saw it. Goes from process to process as one line.
 *
 * @param bytes sent and received
 * @param marked whether the server said that output may be missing
 * @param repeated how often it was asked for again
 * @param text what a person wants to know
 */
record Verdict(int number, Outcome outcome, long bytes, boolean marked, int repeated, String text) {

    /** What can become of a command. Only the first is allowed when nothing was killed. */
    enum Outcome {
        /** Every byte and the exit code were right. */
        EXACT,
        /** Its client was killed and its input ended there; what came out was right up to there. */
        PREFIX,
        /** Output is missing where the server said it may be; the rest and the exit code were right. */
        GAP,
        /** Input that was on its way to the server was lost with it; the rest was right. */
        INPUT_LOST,
        /** The server said that it does not know the end. */
        LOST,
        /** Its start was cut off, and the server said that it does not know whether it ran. */
        START_LOST,
        /** The connection broke and nobody wanted to come back. */
        CUT,
        /** It was killed since its client was. */
        ENDED_WITH_CLIENT,
        /** It could not be started for now. */
        REFUSED,
        /** Anything else. */
        WRONG
    }

    String line() {
        return String.join(
                "\t",
                Integer.toString(number),
                outcome.name(),
                Long.toString(bytes),
                Boolean.toString(marked),
                Integer.toString(repeated),
                text.replaceAll("\\s+", " "));
    }

    static Verdict parse(String line) {
        var f = line.split("\t", 6);
        return new Verdict(
                Integer.parseInt(f[0]),
                Outcome.valueOf(f[1]),
                Long.parseLong(f[2]),
                Boolean.parseBoolean(f[3]),
                Integer.parseInt(f[4]),
                f[5]);
    }
}
