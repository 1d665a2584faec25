package dev.hawse.containerd;

import dev.hawse.runtime.OutputWriter;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.sys.Fd;
import dev.hawse.sys.Fifo;
import dev.hawse.sys.FifoWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of one process: made before it, carried without a thread, freed after it.
 *
 * <p>The shim opens its ends while it creates the process, and holds both ends of each until the process is deleted. Guards
 * opened here for both directions make every open return at once and keep the readers from seeing an end before there was
 * a beginning; {@link #taken()} closes those of the outputs. From then on their end is seen exactly when the shim closes it.
 *
 * <p>The shim opens its end of the input on its own time, also after it has answered that the process runs (containerd 1.6).
 * Until then the guard alone keeps what was written, so it stays until the input has ended and all of it was read.
 */
final class Stdio implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Stdio.class);

    private static final Duration LOOK = Duration.ofNanos(200_000);
    private static final Duration LONGEST_LOOK = Duration.ofMillis(50);

    /** What a person types to end input on a terminal. */
    private static final byte[] END_OF_TRANSMISSION = {4};

    private static final String STDIN = "stdin";

    private final Path dir;
    private final boolean terminal;
    private final Runnable closeIo;
    private final ProcessOutput output;
    private final List<Fd> guards = new ArrayList<>();
    private final ArrayDeque<Input> pending = new ArrayDeque<>();
    private final @Nullable ScheduledExecutorService timer;
    private @Nullable Fd inputGuard;
    private @Nullable FifoWriter writer;
    private boolean writing;
    private boolean inputEnded;
    private boolean inputClosed;
    private boolean freed;
    private boolean taken;

    /**
     * Whether there is a FIFO for input to which nobody writes: a shim frees a terminal whose start was cut off only when its
     * input ends (containerd 1.6).
     */
    private boolean idleInput;

    /** Lies beside the FIFO of an input to which nothing more is written, though not all may be read, for the next server. */
    static final String ENDING = "stdin.ending";

    /** What the FIFO of an input is called once that has ended: the next server is to know. */
    private static final String ENDED = "stdin.ended";

    /** One thing to do with the input: bytes, or its end when there are none. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Input(byte @Nullable [] bytes, Runnable accepted) {}

    private Stdio(
            Path dir,
            boolean terminal,
            ProcessOutput output,
            Runnable closeIo,
            @Nullable ScheduledExecutorService timer) {
        this.timer = timer;
        this.dir = dir;
        this.terminal = terminal;
        this.output = output;
        this.closeIo = closeIo;
    }

    /**
     * Makes the FIFOs, of which those for output are read into a spool.
     *
     * @param closeIo tells the shim to close its end of the input; called once, on any thread, when the input has ended
     *     and the process is there
     */
    static Stdio make(Engine engine, Path dir, ProcessIo io, OutputWriter out, Runnable closeIo) throws IOException {
        var output = new FifoOutput(engine.reactors().nearest(), dir, io.terminal(), out);
        return make(engine, dir, io, output, closeIo, io.terminal() && !io.stdin());
    }

    /**
     * Makes the FIFOs and begins to read.
     *
     * @param output where what the process writes goes; closed with this
     * @param closeIo tells the shim to close its end of the input; called once, on any thread, when the input has ended
     *     and the process is there
     */
    static Stdio make(Engine engine, Path dir, ProcessIo io, ProcessOutput output, Runnable closeIo)
            throws IOException {
        return make(engine, dir, io, output, closeIo, false);
    }

    private static Stdio make(
            Engine engine, Path dir, ProcessIo io, ProcessOutput output, Runnable closeIo, boolean idleInput)
            throws IOException {
        Files.createDirectory(dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        var stdio = new Stdio(dir, io.terminal(), output, closeIo, engine.timer());
        stdio.idleInput = idleInput;
        try {
            for (var name : stdio.names(io)) {
                Fifo.create(dir.resolve(name));
            }
            stdio.open(engine, io);
            return stdio;
        } catch (IOException | RuntimeException e) {
            stdio.close();
            throw e;
        }
    }

    /**
     * Opens the FIFOs of a process that was there before this server: what it wrote since waits in them. It may still be
     * being started.
     */
    static Stdio reopen(Engine engine, Path dir, ProcessIo io, ProcessOutput output, Runnable closeIo)
            throws IOException {
        var stdio = new Stdio(dir, io.terminal(), output, closeIo, engine.timer());
        try {
            stdio.reopen(engine, io);
            return stdio;
        } catch (IOException | RuntimeException e) {
            stdio.closeDescriptors();
            throw e;
        }
    }

    private void reopen(Engine engine, ProcessIo io) throws IOException {
        var ended = io.stdin() && Files.exists(dir.resolve(ENDED));
        if (!ended && !(io.stdin() && Files.exists(dir.resolve(ENDING)))) {
            idleInput = !io.stdin() && Files.exists(dir.resolve(STDIN));
            open(engine, io);
            return;
        }
        inputEnded = true;
        inputClosed = true;
        if (!ended) {
            inputGuard = Fifo.openReadWriteGuard(dir.resolve(STDIN));
        }
        // Whether the shim was told of the end before that server ended, nobody knows; a second time does no harm.
        open(engine, new ProcessIo(false, io.size()));
    }

    /** What stands for FIFOs that are gone, as after a reboot: no input. */
    static Stdio absent(Path dir, ProcessOutput output) {
        return new Stdio(dir, false, output, () -> {}, null);
    }

    private List<String> names(ProcessIo io) {
        var names = new ArrayList<String>();
        if (io.stdin() || idleInput) {
            names.add(STDIN);
        }
        names.addAll(output.fifos());
        return names;
    }

    private void open(Engine engine, ProcessIo io) throws IOException {
        for (var name : names(io)) {
            var guard = Fifo.openReadWriteGuard(dir.resolve(name));
            if (name.equals(STDIN)) {
                inputGuard = guard;
            } else {
                guards.add(guard);
            }
        }
        output.open();
        if (io.stdin()) {
            var fd = Fifo.openWriter(dir.resolve(STDIN));
            writer = FifoWriter.open(
                    engine.reactors().nearest(), fd, e -> log.debug("input of {} is gone: {}", dir, e.getMessage()));
        }
    }

    /** What containerd is to be told: a path, or "" for /dev/null. */
    String stdinPath() {
        return writer == null && !idleInput ? "" : dir.resolve(STDIN).toString();
    }

    String stdoutPath() {
        return output.stdout();
    }

    /** "" with a terminal, which has one output. */
    String stderrPath() {
        return terminal ? "" : output.stderr();
    }

    /** The shim has opened its ends, or has failed and never will. */
    void taken() {
        boolean ended;
        synchronized (this) {
            guards.forEach(Fd::close);
            guards.clear();
            ended = inputClosed && !taken;
            taken = true;
        }
        if (ended) {
            finishInput(LOOK);
        }
    }

    /** The input has ended, and the process is there: tells the shim, when it has read everything. */
    private void finishInput(Duration pause) {
        synchronized (this) {
            if (!freed && timer != null && isUnread()) {
                var longer = pause.multipliedBy(2);
                var next = longer.compareTo(LONGEST_LOOK) > 0 ? LONGEST_LOOK : longer;
                var _ = timer.schedule(() -> finishInput(next), pause.toNanos(), TimeUnit.NANOSECONDS);
                return;
            }
            closeInputGuard();
        }
        tellInputEnd();
    }

    private boolean isUnread() {
        var guard = inputGuard;
        try {
            return guard != null && guard.unread() > 0;
        } catch (IOException e) {
            log.debug("what is left of the input in {} is not known: {}", dir, e.getMessage());
            return false;
        }
    }

    private void closeInputGuard() {
        if (inputGuard != null) {
            inputGuard.close();
            inputGuard = null;
        }
    }

    /** What was written is in the FIFO, which the shim keeps: whoever comes next has only to end it when it is read. */
    private void noteInputEnding() {
        try {
            Files.createFile(dir.resolve(ENDING));
        } catch (IOException e) {
            log.warn("that the input of {} is to end will not be known to another server", dir, e);
        }
    }

    /** Noted before it is done: what is not noted can be asked for again, and what is noted is done again. */
    private void tellInputEnd() {
        try {
            Files.move(dir.resolve(STDIN), dir.resolve(ENDED), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            // It was noted by an earlier server, or the process has ended and all is taken away.
        } catch (IOException e) {
            log.warn("that the input of {} has ended will not be known to another server", dir, e);
        }
        closeIo.run();
    }

    /** The process has ended: what is left is to be read. Must not block. */
    void processEnded() {
        output.processEnded();
    }

    /** Completes when every output was read to its end. */
    CompletableFuture<Void> drained() {
        return output.drained();
    }

    /** Gives bytes to the input, behind what others gave; see {@link dev.hawse.runtime.ExecControl#write}. */
    void write(byte[] bytes, Runnable accepted) {
        boolean late;
        synchronized (this) {
            if (writer == null || inputEnded) {
                throw RuntimeFailure.of(
                        Reason.PROTOCOL_VIOLATION,
                        inputEnded ? "stdin: it has ended already" : "stdin: the process was started without it");
            }
            late = freed;
            if (!late) {
                pending.add(new Input(bytes, accepted));
            }
        }
        if (late) {
            accepted.run();
        } else {
            feed();
        }
    }

    /** Ends the input behind what was written; nothing when there is none or it has ended. */
    void endInput() {
        synchronized (this) {
            if (writer == null || inputEnded || freed) {
                return;
            }
            if (terminal) {
                pending.add(new Input(END_OF_TRANSMISSION, () -> {}));
            } else {
                inputEnded = true;
                pending.add(new Input(null, () -> {}));
            }
        }
        feed();
    }

    synchronized boolean inputOpen() {
        return writer != null && !inputEnded;
    }

    private void feed() {
        while (true) {
            Input next;
            FifoWriter to;
            synchronized (this) {
                next = writing ? null : pending.poll();
                to = writer;
                if (next == null || to == null) {
                    return;
                }
                writing = true;
            }
            var bytes = next.bytes();
            if (bytes == null) {
                to.closeWhenFlushed(this::inputFlushed);
                return;
            }
            var accepted = next.accepted();
            to.write(bytes, () -> {
                synchronized (this) {
                    writing = false;
                }
                accepted.run();
                feed();
            });
        }
    }

    private void inputFlushed() {
        boolean now;
        synchronized (this) {
            // Not when it was given up, with what was still to be written before it.
            if (!freed && !inputClosed) {
                noteInputEnding();
            }
            now = taken && !inputClosed && !freed;
            inputClosed = true;
        }
        if (now) {
            finishInput(LOOK);
        }
    }

    /** Reads no more, though somebody still holds an output open; what was being read is in the spool when this returns. */
    void abandonOutput() {
        output.abandon();
    }

    /** Frees everything and takes the FIFOs away. Idempotent. */
    @Override
    public void close() {
        closeDescriptors();
        remove(dir);
    }

    /** Takes a process's FIFOs away with their folder; none there is fine. */
    static void remove(Path dir) {
        try {
            for (var name : List.of(STDIN, "stdout", "stderr", ENDING, ENDED)) {
                Files.deleteIfExists(dir.resolve(name));
            }
            Files.deleteIfExists(dir);
        } catch (IOException e) {
            log.warn("the FIFOs in {} could not be taken away", dir, e);
        }
    }

    /** Frees the descriptors and leaves the FIFOs, for who reopens them. */
    void closeDescriptors() {
        List<Input> dropped;
        synchronized (this) {
            guards.forEach(Fd::close);
            guards.clear();
            closeInputGuard();
            freed = true;
            dropped = List.copyOf(pending);
            pending.clear();
        }
        output.close();
        var w = writer;
        if (w != null) {
            w.close();
        }
        dropped.forEach(input -> input.accepted().run());
    }

    /** Makes the folder in which the FIFOs' folders lie: nobody else may look into it. */
    static void makeRoot(Path root) {
        try {
            Files.createDirectories(root);
            Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
            if (Files.isSymbolicLink(root) || !Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(root + " is no folder");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
