package dev.hawse.client;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to attach to a command. Immutable; the server checks it.
 *
 * @param from which output is wanted
 * @param stdin whether input will come; one caller at a time gives it
 * @param takeOver whether to take the input from the caller that has it
 * @param size the terminal's size, applied at once; null to leave it; only with {@code stdin}
 * @param lossy whether to miss bytes, and be told so, rather than slow the process down
 * @param reconnect how long the server may be away, see {@link ExecSpec#reconnect()}; null not to reconnect
 */
public record AttachExecSpec(
        ReadFrom from,
        boolean stdin,
        boolean takeOver,
        @Nullable TerminalSize size,
        boolean lossy,
        @Nullable Duration reconnect) {

    /** Only reads, from now on. */
    public static final AttachExecSpec WATCH = builder().build();

    public AttachExecSpec {
        if (reconnect != null && (reconnect.isNegative() || reconnect.isZero())) {
            throw new IllegalArgumentException("reconnect: is not positive (got " + reconnect + ")");
        }
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Collects what is set. Not safe for use by several threads. */
    public static final class Builder {
        private ReadFrom from = ReadFrom.NOW;
        private boolean stdin;
        private boolean takeOver;
        private @Nullable TerminalSize size;
        private boolean lossy;
        private @Nullable Duration reconnect;

        private Builder() {}

        public Builder from(ReadFrom v) {
            from = v;
            return this;
        }

        /** From these bytes on, such as {@link ExecSession#delivered()} of an earlier session. */
        public Builder from(OutputOffsets v) {
            return from(ReadFrom.offsets(v));
        }

        /** Gives input. */
        public Builder stdin() {
            stdin = true;
            return this;
        }

        /** Gives input, also when another caller does, who is told that it no longer does. */
        public Builder takeOver() {
            takeOver = true;
            return stdin();
        }

        public Builder size(TerminalSize v) {
            size = v;
            return this;
        }

        public Builder lossy() {
            lossy = true;
            return this;
        }

        public Builder reconnect(Duration v) {
            reconnect = v;
            return this;
        }

        public AttachExecSpec build() {
            return new AttachExecSpec(from, stdin, takeOver, size, lossy, reconnect);
        }
    }
}
