package dev.hawse.client;

import org.jspecify.annotations.Nullable;

/**
 * How to attach to a container.
 *
 * @param stdin whether input will come
 * @param size the terminal's size, applied at once; null to leave it, and for a container without a terminal
 */
public record AttachSpec(boolean stdin, @Nullable TerminalSize size) {

    /** Only reads. */
    public static final AttachSpec WATCH = new AttachSpec(false, null);

    /** Reads and writes. */
    public static final AttachSpec INTERACTIVE = new AttachSpec(true, null);

    public AttachSpec withSize(TerminalSize v) {
        return new AttachSpec(stdin, v);
    }
}
