package dev.hawse.failpoint;

/**
 * Named places at which a server fails when its JVM was started with {@code -Dhawse.failpoints=NAME:FAULT,…}, for the tests
 * that let it die at every step; see {@link Faults} for the faults. Without that property {@link #at} does nothing, and the
 * compiler removes it. Safe for use by any number of threads.
 */
public final class FailPoint {

    private static final Faults FAULTS = Faults.parse(System.getProperty("hawse.failpoints", ""));
    private static final boolean OFF = FAULTS.none();

    private FailPoint() {}

    /** Fails as was asked for this place, if it was. */
    public static void at(String name) {
        if (!OFF) {
            FAULTS.strike(name);
        }
    }
}
