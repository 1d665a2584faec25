package dev.hawse.sys;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether this package works here. Asking never throws; everything else in the package throws
 * {@link UnsupportedOperationException} with the same cause where the answer is no. Safe from any thread.
 */
public final class Sys {
    @SuppressWarnings("StaticAssignmentOfThrowable") // loading is tried once, and its failure is what users need to see
    private static final @Nullable Throwable CAUSE = probe();

    private Sys() {}

    /** Whether descriptors, FIFOs and the reactor can be used in this process. */
    public static boolean isAvailable() {
        return CAUSE == null;
    }

    /** Why {@link #isAvailable()} is false; null when it is true. */
    public static @Nullable Throwable unavailableCause() {
        return CAUSE;
    }

    /**
     * Returns only when this package can be used.
     *
     * @throws UnsupportedOperationException saying what is missing
     */
    public static void ensureAvailable() {
        if (CAUSE != null) {
            throw new UnsupportedOperationException("native access: " + CAUSE.getMessage(), CAUSE);
        }
    }

    /** The effective user id of this process: who owns what it creates. */
    public static int effectiveUserId() {
        ensureAvailable();
        return LibC.geteuid();
    }

    private static @Nullable Throwable probe() {
        Throwable unsupported = unsupportedPlatform(System.getProperty("os.name"), System.getProperty("os.arch"));
        if (unsupported != null) {
            return unsupported;
        }
        try {
            LibC.geteuid();
            return null;
        } catch (ExceptionInInitializerError e) {
            return e.getCause() == null ? e : e.getCause();
        } catch (LinkageError | RuntimeException e) {
            return e;
        }
    }

    /** Flag values and struct layouts are known for two architectures; on another they would be silently wrong. */
    static @Nullable Throwable unsupportedPlatform(String os, String arch) {
        if (!os.toLowerCase(Locale.ROOT).equals("linux")) {
            return new UnsupportedOperationException("os.name: not supported (got " + os + "), allowed is Linux");
        }
        if (!arch.equals("amd64") && !arch.equals("aarch64")) {
            return new UnsupportedOperationException(
                    "os.arch: not supported (got " + arch + "), allowed are amd64 and aarch64");
        }
        return null;
    }
}
