package dev.hawse.runtime;

import org.jspecify.annotations.Nullable;

/**
 * Limits on what a container may use; null means none, but for {@code pidsLimit}.
 *
 * @param memoryBytes at least 6 MiB
 * @param memorySwapBytes memory and swap together; null for as much as memory
 * @param cpuMillis thousandths of a processor
 * @param cpuShares a weight, 2 to 262144
 * @param cpusetCpus as "0-2,4"; empty for all
 * @param pidsLimit the most processes and threads
 */
public record Resources(
        @Nullable Long memoryBytes,
        @Nullable Long memorySwapBytes,
        @Nullable Long cpuMillis,
        @Nullable Long cpuShares,
        String cpusetCpus,
        long pidsLimit) {

    public static final long DEFAULT_PIDS_LIMIT = 4096;
    public static final Resources DEFAULT = new Resources(null, null, null, null, "", DEFAULT_PIDS_LIMIT);
}
