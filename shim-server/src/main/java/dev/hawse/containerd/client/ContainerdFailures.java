package dev.hawse.containerd.client;

import dev.hawse.runtime.DiskFailures;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Text;
import dev.hawse.sys.Errno;
import dev.hawse.sys.SysException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** containerd's errors in the port's words: the one place where they are translated. */
public final class ContainerdFailures {

    private static final int MOST_TEXT = 1024;
    private static final int ENFILE = 23;
    private static final int EMFILE = 24;

    private ContainerdFailures() {}

    /**
     * What to throw for an error that the caller has no better words for.
     *
     * @param what was tried, as "create the task of container 3f2a"
     */
    public static RuntimeFailure from(StatusRuntimeException e, String what, Path socket) {
        var status = e.getStatus();
        return switch (status.getCode()) {
            case UNAVAILABLE ->
                RuntimeFailure.of(
                        Reason.RUNTIME_UNAVAILABLE, unavailable(e, socket), Map.of("runtime", "CONTAINERD"), e);
            case DEADLINE_EXCEEDED ->
                RuntimeFailure.of(
                        Reason.RUNTIME_TIMEOUT,
                        "containerd at " + socket + " did not answer in time to: " + what,
                        Map.of("runtime", "CONTAINERD"),
                        e);
            case RESOURCE_EXHAUSTED ->
                RuntimeFailure.of(
                        Reason.LIMIT_REACHED,
                        "could not " + what + ": " + text(status),
                        Map.of("runtime", "CONTAINERD"),
                        e);
            case CANCELLED -> RuntimeFailure.of(Reason.CONFLICT, "was cancelled: " + what, Map.of(), e);
            default ->
                RuntimeFailure.of(
                        Reason.INTERNAL, "could not " + what + ": " + text(status), Map.of("runtime", "CONTAINERD"), e);
        };
    }

    /** What to throw when a process's streams cannot be made here. */
    public static RuntimeFailure streams(IOException e, String of) {
        var full = (e instanceof SysException sys && (sys.errno() == EMFILE || sys.errno() == ENFILE))
                || String.valueOf(e.getMessage()).contains("Too many open files");
        if (full) {
            return RuntimeFailure.of(
                    Reason.LIMIT_REACHED,
                    "this server has as many files open as it may, so the streams of " + of + " could not be made",
                    Map.of(),
                    e);
        }
        var gone = (e instanceof SysException sys && sys.errno() == Errno.ENOENT)
                || String.valueOf(e.getMessage()).contains("No such file or directory");
        return gone
                ? RuntimeFailure.internal(
                        of + " did not start: somebody took its stdio FIFOs away: " + e.getMessage(), e)
                : DiskFailures.of("the streams of " + of + " could not be made", e);
    }

    /** Why containerd does not answer, and what to do, as a sentence. */
    public static String unavailable(StatusRuntimeException e, Path socket) {
        if (causes(e, FileNotFoundException.class) || text(e.getStatus()).contains("No such file")) {
            return "containerd is not running: there is no socket " + socket + "; start it, or set containerd.address";
        }
        if (hasText(e, "Permission denied")) {
            return "this server may not open " + socket + "; run it as root or as a member of the socket's group";
        }
        if (hasText(e, "Connection refused")) {
            return "nobody listens on " + socket + ": containerd has died or is starting";
        }
        return "containerd at " + socket + " does not answer: " + text(e.getStatus());
    }

    /** Whether the same may succeed once containerd answers again. */
    public static boolean mayPass(RuntimeException e) {
        return switch (e) {
            case RuntimeFailure failure ->
                failure.reason() == Reason.RUNTIME_UNAVAILABLE || failure.reason() == Reason.RUNTIME_TIMEOUT;
            case StatusRuntimeException status ->
                is(status, Status.Code.UNAVAILABLE) || is(status, Status.Code.DEADLINE_EXCEEDED);
            default -> false;
        };
    }

    /** Whether the daemon was given up, since it answered nobody at all. */
    public static boolean answersNobody(StatusRuntimeException e) {
        return is(e, Status.Code.DEADLINE_EXCEEDED) && text(e.getStatus()).startsWith(Pulse.NO_ANSWER);
    }

    public static boolean is(StatusRuntimeException e, Status.Code code) {
        return e.getStatus().getCode() == code;
    }

    /** containerd's own words, fit to be shown, at most 1 KiB. */
    public static String text(Status status) {
        var text = Optional.ofNullable(status.getDescription())
                .orElse(status.getCode().name());
        var line =
                text.lines().map(Text::printable).reduce((a, b) -> a + " " + b).orElse("");
        return line.length() > MOST_TEXT ? line.substring(0, MOST_TEXT) : line;
    }

    private static boolean causes(Throwable e, Class<? extends Throwable> type) {
        for (var t = e.getCause(); t != null; t = t.getCause()) {
            if (type.isInstance(t)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasText(Throwable e, String text) {
        for (Throwable t = e; t != null; t = t.getCause()) {
            if (String.valueOf(t.getMessage()).contains(text)) {
                return true;
            }
        }
        return false;
    }
}
