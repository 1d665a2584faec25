package dev.hawse.containerd;

import dev.hawse.stream.LogTail;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Output that a logger writes to the log, whether or not this server lives, and that comes from there into the spool. The
 * shim starts the logger, but for a process that has input and no terminal: for those shims know FIFOs alone, so this server
 * starts a logger that reads them.
 */
final class LoggedOutput implements ProcessOutput {

    private static final Logger log = LoggerFactory.getLogger(LoggedOutput.class);
    private static final long LAST_READ_SECONDS = 5;

    private final LogTail tail;
    private final List<String> fifos;
    private final String stdout;
    private final String stderr;
    private final Opening opening;
    private final Runnable processEnded;

    /** What is left to be done once the FIFOs are there. */
    private interface Opening {
        void open() throws IOException;
    }

    private LoggedOutput(
            LogTail tail, List<String> fifos, String stdout, String stderr, Opening opening, Runnable processEnded) {
        this.tail = tail;
        this.fifos = fifos;
        this.stdout = stdout;
        this.stderr = stderr;
        this.opening = opening;
        this.processEnded = processEnded;
    }

    /**
     * Written by a logger that the shim starts.
     *
     * @param end asks the logger to end. Shims hold the output of a process without terminal open until they delete it, so
     *     that its end cannot be waited for; but all of it can be read when the process has ended. Must not block.
     */
    static LoggedOutput byShim(LogTail tail, String uri, boolean terminal, Runnable end) {
        return new LoggedOutput(tail, List.of(), uri, uri, () -> {}, terminal ? () -> {} : end);
    }

    /** Written by a logger that is started here, unless it is there already. */
    static LoggedOutput byFifos(LogTail tail, LogProgram program, Path log, Path fifoDir, boolean terminal) {
        var fifos = terminal ? List.of("stdout") : List.of("stdout", "stderr");
        return new LoggedOutput(
                tail,
                fifos,
                fifoDir.resolve("stdout").toString(),
                fifoDir.resolve("stderr").toString(),
                () -> program.start(log, fifoDir, fifos),
                () -> {});
    }

    @Override
    public List<String> fifos() {
        return fifos;
    }

    @Override
    public void open() throws IOException {
        opening.open();
    }

    @Override
    public String stdout() {
        return stdout;
    }

    @Override
    public String stderr() {
        return stderr;
    }

    @Override
    public void processEnded() {
        processEnded.run();
    }

    @Override
    public CompletableFuture<Void> drained() {
        return tail.drained();
    }

    @Override
    public void abandon() {
        tail.close();
        try {
            tail.ended().get(LAST_READ_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("the end of a log was not read in time", e);
        }
    }

    @Override
    public void close() {
        tail.close();
    }
}
