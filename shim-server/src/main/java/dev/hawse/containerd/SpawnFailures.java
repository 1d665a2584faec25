package dev.hawse.containerd;

import dev.hawse.containerd.client.ContainerdFailures;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.SpawnFailureKind;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What an OCI runtime says when a process cannot be started. It says it in words alone, so words are what is matched. */
final class SpawnFailures {

    private static final int ENOENT = 2;
    private static final int EACCES = 13;
    private static final int ENOTDIR = 20;
    private static final int ENOEXEC = 8;

    private SpawnFailures() {}

    /** What kept a command from starting; empty when the fault is not the command's. */
    static Optional<ExitOutcome.SpawnFailed> of(StatusRuntimeException e) {
        if (e.getStatus().getCode() != Status.Code.UNKNOWN) {
            return Optional.empty();
        }
        var text = ContainerdFailures.text(e.getStatus());
        if (text.contains("chdir to cwd") || text.contains("mkdir cwd")) {
            return Optional.of(new ExitOutcome.SpawnFailed(
                    SpawnFailureKind.BAD_WORKING_DIR, text.contains("no such file") ? ENOENT : ENOTDIR, text));
        }
        if (text.contains("executable file not found") || isExecError(text, "no such file or directory", "not found")) {
            return Optional.of(new ExitOutcome.SpawnFailed(SpawnFailureKind.NOT_FOUND, ENOENT, text));
        }
        if (isExecError(text, "permission denied", "is a directory", "not executable")) {
            return Optional.of(new ExitOutcome.SpawnFailed(SpawnFailureKind.NOT_EXECUTABLE, EACCES, text));
        }
        if (isExecError(text, "exec format error")) {
            return Optional.of(new ExitOutcome.SpawnFailed(SpawnFailureKind.NOT_EXECUTABLE, ENOEXEC, text));
        }
        return Optional.empty();
    }

    /**
     * Whether a command was refused because its container had just ended or been paused, which is not known here yet. runc
     * misses "namespace path" when the main process goes between its look at the container and its look at /proc.
     */
    static boolean saysNotRunning(StatusRuntimeException e) {
        var text = ContainerdFailures.text(e.getStatus());
        return ContainerdFailures.is(e, Status.Code.NOT_FOUND)
                || Stream.of("stopped", "not running", "paused", "already finished", "ttrpc: closed", "namespace path:")
                        .anyMatch(text::contains);
    }

    /**
     * Whether an answer to a start means that the command did not run. An OCI runtime that was killed, as it is when
     * containerd dies while it works (the shim breaks off what it does for a connection that breaks), may have let it loose.
     */
    static boolean saysNotStarted(StatusRuntimeException e) {
        var text = ContainerdFailures.text(e.getStatus());
        return switch (e.getStatus().getCode()) {
            case NOT_FOUND, FAILED_PRECONDITION, INVALID_ARGUMENT, ALREADY_EXISTS -> true;
            case UNKNOWN ->
                of(e).isPresent()
                        || (text.contains("OCI runtime exec failed")
                                && Stream.of("signal: ", "context canceled", "deadline exceeded")
                                        .noneMatch(text::contains));
            case OK,
                    CANCELLED,
                    DEADLINE_EXCEEDED,
                    PERMISSION_DENIED,
                    RESOURCE_EXHAUSTED,
                    ABORTED,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    INTERNAL,
                    UNAVAILABLE,
                    DATA_LOSS,
                    UNAUTHENTICATED -> false;
        };
    }

    /** What to throw when a container's main process did not start. */
    static RuntimeFailure ofContainer(StatusRuntimeException e, ContainerId id, Path socket) {
        if (e.getStatus().getCode() != Status.Code.UNKNOWN) {
            return ContainerdFailures.from(e, "start container " + id.shortForm(), socket);
        }
        var text = ContainerdFailures.text(e.getStatus());
        // The paths in it are long, and its end is what counts.
        var whole = String.valueOf(e.getStatus().getDescription());
        if (whole.contains(" fifo ") && whole.contains("no such file")) {
            return RuntimeFailure.internal(
                    "container " + id.shortForm() + " did not start: somebody took its stdio FIFOs away: " + text, e);
        }
        var spawn = of(e);
        var metadata = spawn.map(s -> Map.of(
                        "container", id.value(), "spawn_failure", s.kind().name()))
                .orElse(Map.of("container", id.value()));
        return RuntimeFailure.of(
                Reason.OCI_RUNTIME_FAILED, "container " + id.shortForm() + " did not start: " + text, metadata, e);
    }

    /** runc writes `exec: "x": …` or `exec /x: …`; crun writes "executable file `x` …" or "open executable". */
    private static boolean isExecError(String text, String... endings) {
        var aboutExec = text.contains("exec: ") || text.contains("exec /") || text.contains("executable");
        for (var ending : endings) {
            if (aboutExec && text.toLowerCase(java.util.Locale.ROOT).contains(ending)) {
                return true;
            }
        }
        return false;
    }
}
