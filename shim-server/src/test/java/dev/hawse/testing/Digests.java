package dev.hawse.testing;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Digests as images name things. */
public final class Digests {

    private Digests() {}

    /** As "sha256:…". */
    public static String sha256(byte[] bytes) {
        return "sha256:" + hex(bytes);
    }

    public static String hex(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
