package dev.hawse.exec;

import dev.hawse.state.ExecRecords;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * How commands are kept.
 *
 * @param records what is on disk of them
 * @param boot which boot of the host this is
 * @param sinceBoot how long that has been, on a clock that nobody sets and that goes on while the host sleeps
 * @param historyDir where the output is kept of those that may outlive the server; in memory (tmpfs)
 * @param spillDir where output waits that was asked to wait on disk
 * @param retention how long a command's record is kept after its end
 */
public record ExecSettings(
        ExecRecords records,
        String boot,
        Supplier<Duration> sinceBoot,
        Path historyDir,
        Path spillDir,
        Duration retention) {}
