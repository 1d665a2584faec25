package dev.hawse.runtime;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** The capabilities of Linux 6, in the order of their numbers; see capabilities(7). */
public enum LinuxCapability {
    CHOWN,
    DAC_OVERRIDE,
    DAC_READ_SEARCH,
    FOWNER,
    FSETID,
    KILL,
    SETGID,
    SETUID,
    SETPCAP,
    LINUX_IMMUTABLE,
    NET_BIND_SERVICE,
    NET_BROADCAST,
    NET_ADMIN,
    NET_RAW,
    IPC_LOCK,
    IPC_OWNER,
    SYS_MODULE,
    SYS_RAWIO,
    SYS_CHROOT,
    SYS_PTRACE,
    SYS_PACCT,
    SYS_ADMIN,
    SYS_BOOT,
    SYS_NICE,
    SYS_RESOURCE,
    SYS_TIME,
    SYS_TTY_CONFIG,
    MKNOD,
    LEASE,
    AUDIT_WRITE,
    AUDIT_CONTROL,
    SETFCAP,
    MAC_OVERRIDE,
    MAC_ADMIN,
    SYSLOG,
    WAKE_ALARM,
    BLOCK_SUSPEND,
    AUDIT_READ,
    PERFMON,
    BPF,
    CHECKPOINT_RESTORE;

    /** What a container has unless told otherwise; Docker's set. */
    public static final List<LinuxCapability> DEFAULTS = List.of(
            CHOWN,
            DAC_OVERRIDE,
            FSETID,
            FOWNER,
            MKNOD,
            NET_RAW,
            SETGID,
            SETUID,
            SETFCAP,
            SETPCAP,
            NET_BIND_SERVICE,
            SYS_CHROOT,
            KILL,
            AUDIT_WRITE);

    /** As the OCI runtime spec writes it. */
    public String ociName() {
        return "CAP_" + name();
    }

    /** Whether this names a capability, or all of them. */
    static boolean isKnown(String text) {
        var name = plain(text);
        return name.equals("ALL")
                || Arrays.stream(values()).anyMatch(c -> c.name().equals(name));
    }

    /** Reads "SYS_PTRACE" or "cap_sys_ptrace"; "ALL" is every one. */
    public static List<LinuxCapability> parse(String text) {
        var name = plain(text);
        return name.equals("ALL") ? List.of(values()) : List.of(valueOf(name));
    }

    private static String plain(String text) {
        var upper = text.toUpperCase(Locale.ROOT);
        return upper.startsWith("CAP_") ? upper.substring(4) : upper;
    }
}
