package dev.hawse.client;

/**
 * How a process ended. Never made up: what nobody knows is {@link Lost}. A non-zero exit is a result, not an error. Every
 * value is immutable.
 */
public sealed interface ExitStatus {

    /** Whether it exited with code 0. */
    default boolean success() {
        return this instanceof Code code && code.code() == 0;
    }

    /** What a shell would report: the code; 128 and the signal's number; 127 or 126 when it never ran; 125 when lost. */
    int shellCode();

    /**
     * It exited by itself. An OCI runtime reports death by signal N as code 128+N and cannot tell the two apart.
     *
     * @param code 0 to 255
     */
    record Code(int code) implements ExitStatus {
        @Override
        public int shellCode() {
            return code;
        }

        @Override
        public String toString() {
            return "exit code " + code;
        }
    }

    /**
     * A signal ended it that the server delivered, or that the engine told apart.
     *
     * @param number 1 to 64
     */
    record Signal(int number) implements ExitStatus {
        @Override
        public int shellCode() {
            return 128 + number;
        }

        @Override
        public String toString() {
            return "signal " + number;
        }
    }

    /**
     * It never ran.
     *
     * @param errno the kernel's error number, or 0 when it is not known
     * @param message what went wrong, in the runtime's words
     */
    record SpawnFailed(SpawnFailureKind kind, int errno, String message) implements ExitStatus {
        @Override
        public int shellCode() {
            return kind == SpawnFailureKind.NOT_FOUND ? 127 : 126;
        }

        @Override
        public String toString() {
            return "not started: " + message;
        }
    }

    /** It is gone and nobody knows how it ended. */
    record Lost(String reason) implements ExitStatus {
        @Override
        public int shellCode() {
            return 125;
        }

        @Override
        public String toString() {
            return "lost: " + reason;
        }
    }
}
