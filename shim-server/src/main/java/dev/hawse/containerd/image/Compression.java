package dev.hawse.containerd.image;

/** How bytes are compressed, as their first ones tell. */
enum Compression {
    NONE,
    GZIP,
    ZSTD;

    /** So many bytes are enough to tell. */
    static final int MAGIC = 4;

    static Compression of(byte[] start) {
        if (startsWith(start, 0x1f, 0x8b)) {
            return GZIP;
        }
        return startsWith(start, 0x28, 0xb5, 0x2f, 0xfd) ? ZSTD : NONE;
    }

    private static boolean startsWith(byte[] bytes, int... magic) {
        if (bytes.length < magic.length) {
            return false;
        }
        for (var i = 0; i < magic.length; i++) {
            if ((bytes[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }
}
