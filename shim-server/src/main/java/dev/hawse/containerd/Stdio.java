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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams of one process: made before it, carried without a thread, freed after it.
 *
 * <p>The shim opens its ends while it creates the process, and holds both ends of each until the process is deleted. Guards
 * opened here for both directions make every open return at once and keep the readers from seeing an end before there was
 * a beginning; {@link #taken()} closes them. From then on the end of a stream is seen exactly when the shim closes it.
 */
final class Stdio implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Stdio.class);

    /** What a person types to end input on a terminal. */
    private static final byte[] END_OF_TRANSMISSION = {4};

    private final Path dir;
    private final boolean terminal;
    private final Runnable closeIo;
    private final ProcessOutput output;
    private final List<Fd> guards = new ArrayList<>();
    private final ArrayDeque<Input> pending = new ArrayDeque<>();
    private @Nullable FifoWriter writer;
    private boolean writing;
    private boolean inputEnded;
    private boolean inputClosed;
    private boolean freed;
    private boolean taken;

    /** What the FIFO of an input is called once that has ended: the next server is to know. */
    private static final String ENDED = "stdin.ended";

    /** One thing to do with the input: bytes, or its end when there are none. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Input(byte @Nullable [] bytes, Runnable accepted) {}

    private Stdio(Path dir, boolean terminal, ProcessOutput output, Runnable closeIo) {
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
        return make(engine, dir, io, new FifoOutput(engine.reactor(), dir, io.terminal(), out), closeIo);
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
        Files.createDirectory(dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        var stdio = new Stdio(dir, io.terminal(), output, closeIo);
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
        var stdio = new Stdio(dir, io.terminal(), output, closeIo);
        try {
            if (io.stdin() && Files.exists(dir.resolve(ENDED))) {
                // Whether the shim was told so before that server ended, nobody knows; a second time does no harm.
                stdio.inputEnded = true;
                stdio.inputClosed = true;
                stdio.open(engine, new ProcessIo(false, io.size()));
            } else {
                stdio.open(engine, io);
            }
            return stdio;
        } catch (IOException | RuntimeException e) {
            stdio.closeDescriptors();
            throw e;
        }
    }

    /** What stands for FIFOs that are gone, as after a reboot: no input. */
    static Stdio absent(Path dir, ProcessOutput output) {
        return new Stdio(dir, false, output, () -> {});
    }

    private List<String> names(ProcessIo io) {
        var names = new ArrayList<String>();
        if (io.stdin()) {
            names.add("stdin");
        }
        names.addAll(output.fifos());
        return names;
    }

    private void open(Engine engine, ProcessIo io) throws IOException {
        for (var name : names(io)) {
            guards.add(Fifo.openReadWriteGuard(dir.resolve(name)));
        }
        output.open();
        if (io.stdin()) {
            var fd = Fifo.openWriter(dir.resolve("stdin"));
            writer = FifoWriter.open(
                    engine.reactor(), fd, e -> log.debug("input of {} is gone: {}", dir, e.getMessage()));
        }
    }

    /** What containerd is to be told: a path, or "" for /dev/null. */
    String stdinPath() {
        return writer == null ? "" : dir.resolve("stdin").toString();
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
            tellInputEnd();
        }
    }

    /** Noted before it is done: what is not noted can be asked for again, and what is noted is done again. */
    private void tellInputEnd() {
        try {
            Files.move(dir.resolve("stdin"), dir.resolve(ENDED), StandardCopyOption.ATOMIC_MOVE);
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
            now = taken && !inputClosed && !freed;
            inputClosed = true;
        }
        if (now) {
            tellInputEnd();
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
            for (var name : List.of("stdin", "stdout", "stderr", ENDED)) {
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
