package dev.hawse.containerd;

import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputWriter;
import dev.hawse.sys.Fifo;
import dev.hawse.sys.FifoReader;
import dev.hawse.sys.Reactor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Output that comes through FIFOs straight into a spool. While nobody reads, it waits there, and so does its process. */
final class FifoOutput implements ProcessOutput {

    private static final Logger log = LoggerFactory.getLogger(FifoOutput.class);

    /** What a pipe may hold; the kernel's limit for one user's pipes may leave it at 64 KiB. */
    private static final int PIPE_BYTES = 1 << 20;

    private final Reactor reactor;
    private final Path dir;
    private final boolean terminal;
    private final OutputWriter out;
    private final List<FifoReader> readers = new ArrayList<>();
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private int openOutputs;

    FifoOutput(Reactor reactor, Path dir, boolean terminal, OutputWriter out) {
        this.reactor = reactor;
        this.dir = dir;
        this.terminal = terminal;
        this.out = out;
    }

    @Override
    public List<String> fifos() {
        return terminal ? List.of("stdout") : List.of("stdout", "stderr");
    }

    @Override
    public void open() throws IOException {
        openOutputs = fifos().size();
        read("stdout", OutputKind.STDOUT);
        if (!terminal) {
            read("stderr", OutputKind.STDERR);
        }
        out.onRoom(() -> readers.forEach(FifoReader::resume));
        readers.forEach(FifoReader::resume);
    }

    private void read(String name, OutputKind stream) throws IOException {
        var fd = Fifo.openReader(dir.resolve(name));
        fd.pipeCapacity(PIPE_BYTES);
        readers.add(FifoReader.open(reactor, fd, new FifoReader.Sink() {
            @Override
            public boolean accept(byte[] chunk) {
                return out.append(stream, chunk);
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

    @Override
    public String stdout() {
        return dir.resolve("stdout").toString();
    }

    @Override
    public String stderr() {
        return dir.resolve("stderr").toString();
    }

    @Override
    public void processEnded() {}

    @Override
    public CompletableFuture<Void> drained() {
        return drained.copy();
    }

    @Override
    public void abandon() {
        readers.forEach(FifoReader::close);
    }

    @Override
    public void close() {
        readers.forEach(FifoReader::cancel);
    }
}
