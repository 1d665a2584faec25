package dev.hawse.containerd.image;

import dev.hawse.runtime.ImageReference;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Text;
import org.jspecify.annotations.Nullable;

/** Gives images of an archive whole names. */
final class BaseName {

    private final @Nullable String base;

    /** @param base a name without tag, for images to which the archive gives no whole name; empty to refuse those */
    BaseName(String base) {
        if (base.isEmpty()) {
            this.base = null;
            return;
        }
        var name = ImageReference.parse("base_name", base);
        if (name.digest() != null || base.lastIndexOf(':') > base.lastIndexOf('/')) {
            throw RuntimeFailure.invalid(
                    "base_name", "must be a name without tag and digest (got \"" + Text.printable(base) + "\")");
        }
        this.base = name.withoutTag();
    }

    /** The name that an archive gives, which may be a tag alone. */
    String whole(String name) {
        if (name.contains("/") || name.contains(":")) {
            return parse(name);
        }
        if (base == null) {
            throw Documents.invalid("archive: its image \"" + Text.printable(name)
                    + "\" has a tag but no name; load it with a base name");
        }
        return parse(base + ":" + name);
    }

    /** The name of an image to which the archive gives none. */
    String of(String digest) {
        if (base == null) {
            throw Documents.invalid("archive: its image " + digest + " has no name; load it with a base name");
        }
        return base + "@" + digest;
    }

    private static String parse(String name) {
        try {
            return ImageReference.parse(name).wholeName();
        } catch (RuntimeFailure e) {
            throw Documents.invalid("archive: the name of an image is not valid: " + e.getMessage());
        }
    }
}
