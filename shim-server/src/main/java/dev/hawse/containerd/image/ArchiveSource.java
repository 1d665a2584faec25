package dev.hawse.containerd.image;

/** The content that an archive brought, and no other, though more may be stored. */
final class ArchiveSource implements BlobSource {

    private final ArchiveFiles files;
    private final BlobSource stored;

    ArchiveSource(ArchiveFiles files, BlobSource stored) {
        this.files = files;
        this.stored = stored;
    }

    @Override
    public boolean has(String digest) {
        return files.has(digest);
    }

    @Override
    public byte[] read(String digest) {
        if (!files.has(digest)) {
            throw Documents.invalid("archive: the document " + digest + " is not in it");
        }
        return stored.read(digest);
    }
}
