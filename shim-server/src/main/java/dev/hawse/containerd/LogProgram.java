package dev.hawse.containerd;

import dev.hawse.sys.LoggerProgram;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How {@code hawse-logger} is told to write a log. Everything that it is told is this server's own: its paths, its limits and
 * a container's id; nothing comes from a caller, an image or a label.
 *
 * @param program where it lies
 */
record LogProgram(Path program, ContainerdSettings.Logs settings) {

    private static final Logger log = LoggerFactory.getLogger(LogProgram.class);
    private static final String UNRESERVED = "-._~/";

    /** Puts the program where containerd's shims find it. */
    static LogProgram install(ContainerdSettings.Logs settings) throws IOException {
        return new LogProgram(LoggerProgram.install(settings.programs().toAbsolutePath()), settings);
    }

    /** What containerd is to be told as a process's output. */
    String uri(Path folder) {
        var uri = new StringBuilder("binary://").append(encoded(program.toString()));
        var separator = '?';
        for (var argument : arguments(folder).entrySet()) {
            uri.append(separator).append(argument.getKey()).append('=').append(encoded(argument.getValue()));
            separator = '&';
        }
        return uri.toString();
    }

    /**
     * Starts a logger that reads FIFOs, which are guarded, and outlives this server; none when one does so already. Returns
     * when it reads.
     *
     * @throws IOException with what it says, when it does not
     */
    void start(Path folder, Path fifoDir, List<String> fifos) throws IOException {
        if (isWritten(folder)) {
            return;
        }
        var command = new ArrayList<String>();
        command.add(program.toString());
        arguments(folder).forEach((name, value) -> {
            command.add(name);
            command.add(value);
        });
        for (var fifo : fifos) {
            command.add(fifo);
            command.add(fifoDir.resolve(fifo).toString());
        }
        var builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .directory(Path.of("/").toFile());
        builder.environment().clear();
        var process = builder.start();
        process.getOutputStream().close();
        // It closes this when it is ready, and ends by itself when it never will be.
        try (InputStream said = process.getInputStream()) {
            var failure = new String(said.readAllBytes(), StandardCharsets.UTF_8).strip();
            if (!failure.isEmpty()) {
                throw new IOException(failure);
            }
        }
    }

    private Map<String, String> arguments(Path folder) {
        var arguments = new TreeMap<String, String>();
        arguments.put("dir", folder.toAbsolutePath().toString());
        arguments.put("max-size", Long.toString(settings.maxSize()));
        arguments.put("max-files", Integer.toString(settings.maxFiles()));
        return arguments;
    }

    /** Has the logger that is at work on a log, if there is one, write what can be read and end. Blocks for moments. */
    static void end(Path folder) {
        try {
            if (isWritten(folder)) {
                ProcessHandle.of(Long.parseLong(
                                Files.readString(folder.resolve("lock")).strip()))
                        .filter(LogProgram::isLogger)
                        .ifPresent(ProcessHandle::destroy);
            }
        } catch (IOException | NumberFormatException e) {
            log.warn("the logger of {} cannot be told to end: {}", folder, e.getMessage());
        }
    }

    private static boolean isLogger(ProcessHandle process) {
        return process.info()
                .command()
                .map(command -> Path.of(command).getFileName())
                .filter(name -> name.toString().startsWith("hawse-logger"))
                .isPresent();
    }

    /** Whether a logger is at work on a log: it holds a lock as long as it lives. */
    static boolean isWritten(Path folder) throws IOException {
        var lock = folder.resolve("lock");
        if (!Files.exists(lock)) {
            return false;
        }
        try (var file = FileChannel.open(lock, StandardOpenOption.WRITE);
                @Nullable FileLock free = file.tryLock()) {
            return free == null;
        }
    }

    /** As it stands in a URI. */
    static String encoded(String text) {
        var encoded = new StringBuilder();
        for (var b : text.getBytes(StandardCharsets.UTF_8)) {
            var c = (char) (b & 0xff);
            if (isUnreserved(c)) {
                encoded.append(c);
            } else {
                encoded.append(String.format("%%%02X", (int) c));
            }
        }
        return encoded.toString();
    }

    private static boolean isUnreserved(char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || UNRESERVED.indexOf(c) >= 0;
    }
}
