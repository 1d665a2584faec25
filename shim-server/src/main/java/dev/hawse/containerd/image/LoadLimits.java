package dev.hawse.containerd.image;

/**
 * What an archive may be at most.
 *
 * @param entries files, directories and links
 * @param bytes when it is decompressed; its layers count as they are stored
 */
record LoadLimits(int entries, long bytes) {
    static final LoadLimits DEFAULT = new LoadLimits(100_000, 256L << 30);
}
