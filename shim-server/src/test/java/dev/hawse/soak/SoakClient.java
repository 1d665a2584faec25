package dev.hawse.soak;

import dev.hawse.client.HawseClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;

/**
 * The program of a process that executes commands and may be killed: reads one ticket a line, executes it beside the others,
 * and writes one verdict a line.
 */
final class SoakClient {

    private SoakClient() {}

    public static void main(String[] args) throws IOException {
        var address = args[0];
        var out =
                new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8);
        try (var client = HawseClient.create(address);
                var threads = Executors.newVirtualThreadPerTaskExecutor();
                var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (var line = in.readLine(); line != null; line = in.readLine()) {
                var ticket = Ticket.parse(line);
                threads.execute(() -> out.println(execute(client, ticket).line()));
            }
        }
    }

    private static Verdict execute(HawseClient client, Ticket ticket) {
        try {
            return new SoakExec(client, ticket.container(), ticket.command(), ticket.asked()).run();
        } catch (RuntimeException | Error e) {
            return new Verdict(ticket.number(), Verdict.Outcome.WRONG, 0, false, 0, ticket.command() + ": " + e);
        }
    }

    /** An order to a client. */
    record Ticket(long seed, int number, int largest, boolean detached, int asked, String container) {

        /** Whether a client was killed that had it. */
        boolean again() {
            return asked > 0;
        }

        SoakCommand command() {
            return SoakCommand.of(seed, number, largest, detached);
        }

        Ticket repeated() {
            return new Ticket(seed, number, largest, detached, asked + 1, container);
        }

        String line() {
            return seed + " " + number + " " + largest + " " + detached + " " + asked + " " + container;
        }

        static Ticket parse(String line) {
            var f = line.split(" ", 6);
            return new Ticket(
                    Long.parseLong(f[0]),
                    Integer.parseInt(f[1]),
                    Integer.parseInt(f[2]),
                    Boolean.parseBoolean(f[3]),
                    Integer.parseInt(f[4]),
                    f[5]);
        }
    }
}
