package dev.hawse.containerd.oci;

import java.util.List;

/** The kinds of processor that Hawse runs on. */
public enum Architecture {
    X86_64,
    AARCH64;

    /** From Java's os.arch. */
    static Architecture of(String javaName) {
        return switch (javaName) {
            case "amd64", "x86_64" -> X86_64;
            case "aarch64" -> AARCH64;
            default ->
                throw new IllegalStateException(
                        "os.arch: not supported (got " + javaName + "), allowed are amd64 and aarch64");
        };
    }

    /** Its own name and those of the 32-bit ones that its kernels run, as the OCI runtime spec writes them. */
    List<String> seccompNames() {
        return switch (this) {
            case X86_64 -> List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
            case AARCH64 -> List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
        };
    }
}
