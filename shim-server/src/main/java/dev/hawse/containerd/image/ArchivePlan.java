package dev.hawse.containerd.image;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import java.io.IOException;
import java.util.List;

/** What images an archive holds, whole and for this machine. */
final class ArchivePlan {

    private ArchivePlan() {}

    /** Newer archives of Docker are in both formats: the OCI layout is read when it is whole. */
    static List<PlannedImage> of(ArchiveFiles files, BlobSource stored, BlobSink sink, Platform host, BaseName base)
            throws IOException {
        var source = new ArchiveSource(files, stored);
        var tree = new ImageTree(source, new DocumentCache(), host);
        var layout = files.document(ArchiveFiles.OCI_LAYOUT);
        var docker = files.document(ArchiveFiles.DOCKER);
        if (layout == null && docker == null) {
            throw Documents.invalid("archive: it has neither " + ArchiveFiles.OCI_LAYOUT + " nor " + ArchiveFiles.DOCKER
                    + ", so it is no image archive; Docker's format from before 1.10 is not supported");
        }
        if (layout != null) {
            try {
                return new LayoutPlan(files, tree, base).images(layout, files.document(ArchiveFiles.INDEX));
            } catch (RuntimeFailure e) {
                if (docker == null || e.reason() != Reason.INVALID_ARCHIVE) {
                    throw e;
                }
            }
        }
        return new DockerPlan(files, source, sink, tree, base).images(java.util.Objects.requireNonNull(docker));
    }
}
