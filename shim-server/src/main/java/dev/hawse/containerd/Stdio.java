package dev.hawse.containerd;

import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.stream.Spool;
import dev.hawse.sys.Fd;
import dev.hawse.sys.Fifo;
import dev.hawse.sys.FifoReader;
import dev.hawse.sys.FifoWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The FIFOs of one process: made before it, read into a spool without a thread, freed after it.
 *
 * <p>The shim opens its ends while it creates the process, and holds both ends of each until the process is deleted. Guards
 * opened here for both directions make every open return at once and keep the readers from seeing an end before there was
 * a beginning; {@link #taken()} closes them. From then on the end of a stream is seen exactly when the shim closes it.
 */
final class Stdio implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Stdio.class);

    /** What a pipe may hold; the kernel's limit for one user's pipes may leave it at 64 KiB. */
    private static final int PIPE_BYTES = 1 << 20;

    /** What a person types to end input on a terminal. */
    private static final byte[] END_OF_TRANSMISSION = {4};

    private final Path dir;
    private final boolean terminal;
    private final Runnable closeIo;
    private final List<Fd> guards = new ArrayList<>();
    private final List<FifoReader> readers = new ArrayList<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private final ArrayDeque<Input> pending = new ArrayDeque<>();
    private @Nullable FifoWriter writer;
    private boolean writing;
    private boolean inputEnded;
    private boolean inputClosed;
    private boolean freed;
    private boolean taken;
    private int openOutputs;

    /** One thing to do with the input: bytes, or its end when there are none. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Input(byte @Nullable [] bytes, Runnable accepted) {}

    private Stdio(Path dir, boolean terminal, Runnable closeIo) {
        this.dir = dir;
        this.terminal = terminal;
        this.closeIo = closeIo;
    }

    /**
     * Makes the FIFOs and begins to read.
     *
     * @param closeIo tells the shim to close its end of the input; called once, on any thread, when the input has ended
     *     and the process is there
     */
    static Stdio make(Engine engine, Path dir, ProcessIo io, Spool spool, Runnable closeIo) throws IOException {
        Files.createDirectory(dir, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        var stdio = new Stdio(dir, io.terminal(), closeIo);
        try {
            for (var name : names(io)) {
                Fifo.create(dir.resolve(name));
            }
            stdio.open(engine, io, spool);
            return stdio;
        } catch (IOException | RuntimeException e) {
            stdio.close();
            throw e;
        }
    }

    /** Opens the FIFOs of a process that was there before this server: what it wrote since waits in them. */
    static Stdio reopen(Engine engine, Path dir, ProcessIo io, Spool spool, Runnable closeIo) throws IOException {
        var stdio = new Stdio(dir, io.terminal(), closeIo);
        try {
            stdio.open(engine, io, spool);
            stdio.taken();
            return stdio;
        } catch (IOException | RuntimeException e) {
            stdio.closeDescriptors();
            throw e;
        }
    }

    /** What stands for FIFOs that are gone, as after a reboot: no input, and output that has ended. */
    static Stdio absent(Path dir) {
        var stdio = new Stdio(dir, false, () -> {});
        stdio.drained.complete(null);
        return stdio;
    }

    private static List<String> names(ProcessIo io) {
        var names = new ArrayList<String>();
        if (io.stdin()) {
            names.add("stdin");
        }
        names.add("stdout");
        if (!io.terminal()) {
            names.add("stderr");
        }
        return names;
    }

    private void open(Engine engine, ProcessIo io, Spool spool) throws IOException {
        for (var name : names(io)) {
            guards.add(Fifo.openReadWriteGuard(dir.resolve(name)));
        }
        openOutputs = io.terminal() ? 1 : 2;
        read(engine, "stdout", OutputKind.STDOUT, spool);
        if (!io.terminal()) {
            read(engine, "stderr", OutputKind.STDERR, spool);
        }
        if (io.stdin()) {
            var fd = Fifo.openWriter(dir.resolve("stdin"));
            writer = FifoWriter.open(
                    engine.reactor(), fd, e -> log.debug("input of {} is gone: {}", dir, e.getMessage()));
        }
        spool.onRoom(() -> readers.forEach(FifoReader::resume));
        readers.forEach(FifoReader::resume);
    }

    private void read(Engine engine, String name, OutputKind stream, Spool spool) throws IOException {
        var fd = Fifo.openReader(dir.resolve(name));
        fd.pipeCapacity(PIPE_BYTES);
        readers.add(FifoReader.open(engine.reactor(), fd, new FifoReader.Sink() {
            @Override
            public boolean accept(byte[] chunk) {
                return spool.append(stream, chunk);
            }

            @Override
            public void end(@Nullable IOException failure) {
                if (failure != null) {
                    log.warn("{} of {} could not be read to its end", name, dir, failure);
                }
                outputEnded();
            }
        }));
    }

    private void outputEnded() {
        synchronized (this) {
            openOutputs--;
            if (openOutputs > 0) {
                return;
            }
        }
        drained.complete(null);
    }

    /** What containerd is to be told: a path, or "" for /dev/null. */
    String stdinPath() {
        return writer == null ? "" : dir.resolve("stdin").toString();
    }

    String stdoutPath() {
        return dir.resolve("stdout").toString();
    }

    /** "" with a terminal, which has one output. */
    String stderrPath() {
        return terminal ? "" : dir.resolve("stderr").toString();
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
            closeIo.run();
        }
    }

    /** Completes when every output was read to its end. */
    CompletableFuture<Void> drained() {
        return drained.copy();
    }

    /** Gives bytes to the input, behind what others gave; see {@link dev.hawse.runtime.ProcessSession#write}. */
    void write(byte[] bytes, Runnable accepted) {
        boolean late;
        synchronized (this) {
            if (writer == null || inputEnded) {
                throw RuntimeFailure.of(
                        Reason.PROTOCOL_VIOLATION,
                        writer == null ? "stdin: the process was started without it" : "stdin: it has ended already");
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
            now = taken && !inputClosed;
            inputClosed = true;
        }
        if (now) {
            closeIo.run();
        }
    }

    /** Reads no more, though somebody still holds an output open; what was being read is in the spool when this returns. */
    void abandonOutput() {
        readers.forEach(FifoReader::close);
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
            for (var name : List.of("stdin", "stdout", "stderr")) {
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
        readers.forEach(FifoReader::cancel);
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
