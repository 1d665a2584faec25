package dev.hawse.runtime;

/** How a process ended. Never made up: what is not known is {@link Lost}. */
public sealed interface ExitOutcome {

    /** It exited. The OCI runtime reports death by signal N as code 128+N and cannot tell the two apart. */
    record Code(int code) implements ExitOutcome {
        public Code {
            if (code < 0 || code > 255) {
                throw new IllegalArgumentException("an exit code is 0 to 255 (got " + code + ")");
            }
        }
    }

    /** A signal ended it that Hawse delivered, or that the engine told apart. */
    record Signaled(Signal signal) implements ExitOutcome {}

    /**
     * It never ran.
     *
     * @param errno the kernel's error number, or 0 when it is not known
     */
    record SpawnFailed(SpawnFailureKind kind, int errno, String message) implements ExitOutcome {
        public SpawnFailed {
            message = message.length() > 1024 ? message.substring(0, 1024) : message;
        }
    }

    /** It is gone and nobody knows how it ended. */
    record Lost(String reason) implements ExitOutcome {}
}
