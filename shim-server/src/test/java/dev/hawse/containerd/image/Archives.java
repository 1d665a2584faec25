package dev.hawse.containerd.image;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawse.runtime.RuntimeFailure;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Reads archives without containerd, on a machine that is linux/amd64. */
final class Archives {

    static final Platform AMD64 = new Platform("linux", "amd64", "");

    private Archives() {}

    static List<PlannedImage> plan(byte[] archive) throws IOException {
        return plan(new ByteArrayInputStream(archive), "", LoadLimits.DEFAULT);
    }

    static List<PlannedImage> plan(byte[] archive, String base) throws IOException {
        return plan(new ByteArrayInputStream(archive), base, LoadLimits.DEFAULT);
    }

    static List<PlannedImage> plan(InputStream archive, String base, LoadLimits limits) throws IOException {
        var blobs = new MemoryBlobs();
        var files = new ArchiveReader(blobs, limits).read(archive, _ -> {});
        return ArchivePlan.of(files, blobs, blobs, AMD64, new BaseName(base));
    }

    static List<String> names(List<PlannedImage> images) {
        return images.stream().flatMap(i -> i.names().stream()).toList();
    }

    /** What a bad archive is refused with. */
    static RuntimeFailure refusal(byte[] archive) {
        return refusal(archive, LoadLimits.DEFAULT);
    }

    static RuntimeFailure refusal(byte[] archive, LoadLimits limits) {
        return catchThrowableOfType(RuntimeFailure.class, () -> plan(new ByteArrayInputStream(archive), "", limits));
    }
}
