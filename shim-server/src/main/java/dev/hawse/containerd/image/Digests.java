package dev.hawse.containerd.image;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;

/** Digests as "sha256:…", the only algorithm that containerd computes itself. */
final class Digests {

    private static final Pattern SHA256 = Pattern.compile("sha256:[0-9a-f]{64}");

    private Digests() {}

    static boolean isSha256(String text) {
        return SHA256.matcher(text).matches();
    }

    static String of(byte[] bytes) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /**
     * The names of the snapshots that layers make, each on top of the one before, by the formula of the OCI image
     * specification.
     */
    static List<String> chainIds(List<String> diffIds) {
        var chain = new ArrayList<String>(diffIds.size());
        for (var diffId : diffIds) {
            chain.add(
                    chain.isEmpty()
                            ? diffId
                            : of((chain.getLast() + " " + diffId).getBytes(StandardCharsets.US_ASCII)));
        }
        return chain;
    }
}
