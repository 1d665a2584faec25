package dev.hawse.soak;

import dev.hawse.soak.SoakClient.Ticket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A client in a process of its own, which takes the next command from a board whenever one has ended. */
final class ClientProcess implements AutoCloseable {

    private final Board board;
    private final Process process;
    private final Thread reader;
    private final Set<Integer> executing = new HashSet<>();
    private final int parallel;

    ClientProcess(Path dir, String address, int parallel, Board board) throws IOException {
        this.board = board;
        this.parallel = parallel;
        this.process = new ProcessBuilder(List.of(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-Xmx512m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Djava.io.tmpdir=" + dir,
                        "-cp",
                        System.getProperty("java.class.path"),
                        SoakClient.class.getName(),
                        address))
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        dir.resolve("clients.log").toFile()))
                .start();
        this.reader = Thread.ofPlatform().name("soak-client").start(this::read);
        feed();
    }

    private void read() {
        try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                var verdict = Verdict.parse(line);
                synchronized (this) {
                    executing.remove(verdict.number());
                }
                board.done(verdict);
                feed();
            }
        } catch (IOException e) {
            // It was killed.
        }
    }

    /** Gives it what it has room for. */
    synchronized void feed() {
        var orders = process.outputWriter(StandardCharsets.UTF_8);
        try {
            while (executing.size() < parallel && process.isAlive()) {
                var ticket = board.take();
                if (ticket == null) {
                    return;
                }
                executing.add(ticket.number());
                write(orders, ticket);
            }
        } catch (IOException e) {
            // It was killed: what it has goes back.
        }
    }

    private static void write(java.io.Writer orders, Ticket ticket) throws IOException {
        orders.write(ticket.line() + "\n");
        orders.flush();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it as nobody can help, and gives back what it was about. */
    void kill() throws InterruptedException {
        process.destroyForcibly().onExit().join();
        reader.join();
        synchronized (this) {
            board.orphan(executing);
            executing.clear();
        }
    }

    @Override
    public void close() {
        try {
            process.outputWriter().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            process.destroyForcibly().onExit().join();
        }
    }
}
