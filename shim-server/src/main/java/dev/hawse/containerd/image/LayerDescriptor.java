package dev.hawse.containerd.image;

/**
 * A layer as containerd's content store has it.
 *
 * @param mediaType tells how it is compressed; Docker's types leave that to its first bytes
 * @param digest of the stored bytes
 * @param size of the stored bytes
 * @param diffId digest of the tar when it is not compressed
 */
public record LayerDescriptor(String mediaType, String digest, long size, String diffId) {}
