package dev.hawse.containerd.image;

import dev.hawse.runtime.Text;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.function.LongConsumer;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;

/** Reads an archive once, from its begin to its end, and stores every file that may belong to an image. */
final class ArchiveReader {

    private static final Pattern BLOB = Pattern.compile("blobs/sha256/([0-9a-f]{64})");

    private final BlobSink sink;
    private final LoadLimits limits;

    ArchiveReader(BlobSink sink, LoadLimits limits) {
        this.sink = sink;
        this.limits = limits;
    }

    /**
     * @throws dev.hawse.runtime.RuntimeFailure when the archive is bad
     * @throws IOException when it cannot be read
     */
    ArchiveFiles read(InputStream archive, LongConsumer progress) throws IOException {
        var input = new ArchiveInput(archive, limits, progress);
        var files = new ArchiveFiles();
        // Not closed: the stream is the caller's.
        var tar = new TarArchiveInputStream(input.plain(), "UTF-8");
        try {
            var count = 0;
            for (var entry = next(input, tar); entry != null; entry = next(input, tar)) {
                if (++count > limits.entries()) {
                    throw Documents.invalid("archive: it has more than " + limits.entries() + " files");
                }
                take(files, tar, entry);
            }
            // A compressed archive tells only at its end whether it came whole.
            input.plain().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            throw input.failure(e);
        }
        input.finish();
        return files;
    }

    private static @Nullable TarArchiveEntry next(ArchiveInput input, TarArchiveInputStream tar) throws IOException {
        input.readingHeader();
        var entry = tar.getNextEntry();
        input.headerRead();
        return entry;
    }

    private void take(ArchiveFiles files, TarArchiveInputStream tar, TarArchiveEntry entry) throws IOException {
        var name = ArchivePath.of("", entry.getName());
        if (entry.isDirectory()) {
            return;
        }
        if (entry.isSymbolicLink()) {
            var slash = name.lastIndexOf('/');
            files.link(name, ArchivePath.of(slash < 0 ? "" : name.substring(0, slash), entry.getLinkName()));
        } else if (entry.isLink()) {
            files.link(name, ArchivePath.of("", entry.getLinkName()));
        } else if (!entry.isFile() || entry.isSparse()) {
            throw Documents.invalid("archive: \"" + Text.printable(name) + "\" is neither file, directory nor link");
        } else {
            file(files, tar, name, entry.getSize());
        }
    }

    private void file(ArchiveFiles files, InputStream tar, String name, long size) throws IOException {
        if (ArchiveFiles.DOCUMENTS.contains(name)) {
            if (size > Documents.LARGEST) {
                throw Documents.invalid(
                        "archive: " + name + " has " + size + " bytes; at most " + Documents.LARGEST + " are read");
            }
            var bytes = tar.readNBytes((int) size);
            if (bytes.length < size) {
                throw new EOFException("it ends within a file");
            }
            files.document(name, bytes);
        } else {
            var blob = BLOB.matcher(name);
            files.blob(name, sink.store(name, tar, size, blob.matches() ? "sha256:" + blob.group(1) : null));
        }
    }
}
