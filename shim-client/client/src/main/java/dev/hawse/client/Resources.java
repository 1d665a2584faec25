package dev.hawse.client;

import org.jspecify.annotations.Nullable;

/**
 * Limits on what a container may use; null where there is none. Set with {@link ContainerSpec.Builder}.
 *
 * @param memoryBytes at least 6 MiB
 * @param memorySwapBytes memory and swap together; null for as much as memory, so no swap
 * @param cpuMillis thousandths of a processor
 * @param cpuShares a weight against other containers, 2 to 262144
 * @param cpusetCpus the processors it may run on, as "0-2,4"; empty for all
 * @param pidsLimit the most processes and threads; null for 4096
 */
public record Resources(
        @Nullable Long memoryBytes,
        @Nullable Long memorySwapBytes,
        @Nullable Long cpuMillis,
        @Nullable Long cpuShares,
        String cpusetCpus,
        @Nullable Long pidsLimit) {

    /** The defaults. */
    public static final Resources NONE = new Resources(null, null, null, null, "", null);
}
