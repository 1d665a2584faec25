package dev.hawse.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Makes a tar in memory, entry after entry, names unchecked so that hostile archives can be made too. */
public final class TarBuilder {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

    public TarBuilder() {
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    public static byte[] tar(UnaryOperator<TarBuilder> content) {
        return content.apply(new TarBuilder()).bytes();
    }

    public TarBuilder dir(String name, int mode) {
        return add(entry(name + "/", TarConstants.LF_DIR, mode), new byte[0]);
    }

    public TarBuilder file(String name, int mode, byte[] content) {
        return add(entry(name, TarConstants.LF_NORMAL, mode), content);
    }

    public TarBuilder file(String name, byte[] content) {
        return file(name, 0644, content);
    }

    public TarBuilder file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    public TarBuilder symlink(String name, String target) {
        var entry = entry(name, TarConstants.LF_SYMLINK, 0777);
        entry.setLinkName(target);
        return add(entry, new byte[0]);
    }

    public TarBuilder hardLink(String name, String target) {
        var entry = entry(name, TarConstants.LF_LINK, 0644);
        entry.setLinkName(target);
        return add(entry, new byte[0]);
    }

    /** In a layer: hides what lower layers have at this path. */
    public TarBuilder whiteout(String path) {
        var slash = path.lastIndexOf('/') + 1;
        return file(path.substring(0, slash) + ".wh." + path.substring(slash), new byte[0]);
    }

    /** In a layer: hides all that lower layers have in this directory. */
    public TarBuilder opaque(String dir) {
        return file(dir + "/.wh..wh..opq", new byte[0]);
    }

    /** A header before the next entry that claims to hold a name of so many bytes. */
    public TarBuilder longName(int size) {
        return add(entry("././@LongLink", TarConstants.LF_GNUTYPE_LONGNAME, 0644), new byte[size]);
    }

    public byte[] bytes() {
        try {
            tar.finish();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static TarArchiveEntry entry(String name, byte type, int mode) {
        var entry = new TarArchiveEntry(name, type, true);
        entry.setMode(mode);
        entry.setModTime(0L);
        return entry;
    }

    private TarBuilder add(TarArchiveEntry entry, byte[] content) {
        try {
            entry.setSize(content.length);
            tar.putArchiveEntry(entry);
            tar.write(content);
            tar.closeArchiveEntry();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
