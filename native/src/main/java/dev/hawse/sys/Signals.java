package dev.hawse.sys;

/** Signals to processes of this host. Safe from any thread; nothing here blocks. */
public final class Signals {

    private Signals() {}

    /**
     * Sends a signal to one process; never to a group. The number of a process that has ended may be another's by now: who
     * needs to be sure looks at the time of its start first.
     *
     * @return whether there was a process that took it
     */
    public static boolean send(long pid, int signal) {
        Sys.ensureAvailable();
        if (pid <= 0 || pid > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("pid: must be positive (got " + pid + ")");
        }
        return LibC.kill((int) pid, signal) >= 0;
    }
}
