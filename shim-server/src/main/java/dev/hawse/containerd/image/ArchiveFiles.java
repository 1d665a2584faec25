package dev.hawse.containerd.image;

import dev.hawse.runtime.Text;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What an archive held: its small documents, and the content that was stored, by path. For one thread. */
final class ArchiveFiles {

    static final String OCI_LAYOUT = "oci-layout";
    static final String INDEX = "index.json";
    static final String DOCKER = "manifest.json";
    static final Set<String> DOCUMENTS = Set.of(OCI_LAYOUT, INDEX, DOCKER);

    private static final int MOST_LINKS = 8;

    private final Set<String> names = new HashSet<>();
    private final Map<String, byte[]> documents = new HashMap<>();
    private final Map<String, Blob> blobs = new HashMap<>();
    private final Map<String, String> links = new HashMap<>();
    private final Set<String> digests = new HashSet<>();

    void document(String name, byte[] bytes) {
        unique(name);
        documents.put(name, bytes);
    }

    void blob(String name, Blob blob) {
        unique(name);
        blobs.put(name, blob);
        digests.add(blob.digest());
    }

    /** Counts as content of the archive though it is none of its files. */
    void made(Blob blob) {
        digests.add(blob.digest());
    }

    void link(String name, String target) {
        unique(name);
        if (DOCUMENTS.contains(name)) {
            throw Documents.invalid("archive: " + name + " must be a file, not a link");
        }
        links.put(name, target);
    }

    private void unique(String name) {
        if (!names.add(name)) {
            throw Documents.invalid("archive: it has \"" + Text.printable(name) + "\" twice");
        }
    }

    byte @Nullable [] document(String name) {
        return documents.get(name);
    }

    boolean has(String digest) {
        return digests.contains(digest);
    }

    /** What is at a path, links followed. */
    Blob blob(String path) {
        var name = ArchivePath.of("", path);
        for (var i = 0; i < MOST_LINKS; i++) {
            var blob = blobs.get(name);
            if (blob != null) {
                return blob;
            }
            var target = links.get(name);
            if (target == null) {
                throw Documents.invalid(
                        "archive: " + DOCKER + " names \"" + Text.printable(path) + "\", which is not in the archive");
            }
            name = target;
        }
        throw Documents.invalid(
                "archive: \"" + Text.printable(path) + "\" is behind more than " + MOST_LINKS + " links");
    }
}
