package dev.hawse.sys;

import java.io.IOException;

/** A kernel call that failed: always carries the error number and says what was tried on what. Immutable. */
public final class SysException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    SysException(String attempt, int errno) {
        super(attempt + ": " + Errno.name(errno) + " (errno " + errno + ")");
        this.errno = errno;
    }

    /** The kernel's error number, one of {@link Errno} where it has a name there. */
    public int errno() {
        return errno;
    }

    /** The symbolic name of {@link #errno()}, such as {@code ENOENT}. */
    public String errnoName() {
        return Errno.name(errno);
    }

    /** Passes a call's result on, or throws where it is a negated error number. */
    static int check(int result, String attempt) throws SysException {
        if (result < 0) {
            throw new SysException(attempt, -result);
        }
        return result;
    }
}
