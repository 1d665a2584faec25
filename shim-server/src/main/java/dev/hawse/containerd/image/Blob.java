package dev.hawse.containerd.image;

/** Content that has been stored. */
record Blob(String digest, long size, Compression compression) {}
