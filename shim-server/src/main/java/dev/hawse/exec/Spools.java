package dev.hawse.exec;

import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.stream.Spool;
import dev.hawse.stream.SpoolPolicy;
import dev.hawse.stream.SpoolPolicy.Unread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes commands' spools: in memory, and for commands that may outlive the server with their history in files as well. */
final class Spools {

    private static final Logger log = LoggerFactory.getLogger(Spools.class);

    /** How much of what waits on disk is in memory too. */
    private static final long SPILL_WINDOW = 256 << 10;

    private final Path historyDir;
    private final Path spillDir;
    private final Executor workers;

    /**
     * @param historyDir in memory (tmpfs)
     * @param spillDir on disk
     */
    Spools(Path historyDir, Path spillDir, Executor workers) {
        this.historyDir = historyDir;
        this.spillDir = spillDir;
        this.workers = workers;
    }

    /** The spool of a command that is about to be asked of its engine, or was there before this server. */
    Spool open(ExecId id, Command command) {
        var history = command.output().history();
        if (!command.durable()) {
            return Spool.of(policy(command.output()), history);
        }
        try {
            Files.createDirectories(historyDir);
            return Spool.in(dir(id), policy(command.output()), history);
        } catch (IOException e) {
            throw RuntimeFailure.internal(
                    "the output of a command cannot be kept in " + historyDir + ": " + e.getMessage(), e);
        }
    }

    /** The spool of a command that ended in an earlier life of this server: what is still kept, else nothing but its length. */
    Spool ended(ExecId id, Command command, ProcessExit exit) {
        if (command.durable() && Files.isDirectory(dir(id))) {
            try {
                var spool = Spool.in(
                        dir(id), policy(command.output()), command.output().history());
                spool.finish(exit);
                return spool;
            } catch (IOException e) {
                log.warn("what command {} wrote is not kept any more: {}", id, e.getMessage());
            }
        }
        var spool = Spool.of(policy(command.output()), 0);
        if (exit.stdoutBytes() > 0) {
            spool.gap(OutputKind.STDOUT, exit.stdoutBytes());
        }
        if (exit.stderrBytes() > 0) {
            spool.gap(OutputKind.STDERR, exit.stderrBytes());
        }
        spool.finish(exit);
        return spool;
    }

    private SpoolPolicy policy(OutputPolicy output) {
        return switch (output.kind()) {
            case BLOCK -> new SpoolPolicy.Block(output.bytes(), Unread.WAIT);
            case RING -> new SpoolPolicy.Ring(output.bytes());
            case SPILL -> new SpoolPolicy.Spill(SPILL_WINDOW, output.bytes(), spillDir, workers, Unread.WAIT);
        };
    }

    private Path dir(ExecId id) {
        return historyDir.resolve(id.value());
    }

    static void delete(ExecId id, Spool spool) {
        try {
            spool.delete();
        } catch (IOException e) {
            log.warn("what command {} wrote could not be taken away: {}", id, e.getMessage());
        }
    }

    /** Takes away what belongs to no command that is known. */
    void sweep(Predicate<ExecId> known) {
        if (!Files.isDirectory(historyDir)) {
            return;
        }
        try (var folders = Files.newDirectoryStream(historyDir)) {
            for (var folder : folders) {
                var id = ExecId.parse(folder.getFileName().toString());
                if (id != null && !known.test(id)) {
                    Spool.in(folder, new SpoolPolicy.Ring(1), 0).delete();
                }
            }
        } catch (IOException e) {
            log.warn("what lies in {} could not be cleared away: {}", historyDir, e.getMessage());
        }
    }
}
