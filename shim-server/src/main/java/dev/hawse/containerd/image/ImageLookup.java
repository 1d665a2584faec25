package dev.hawse.containerd.image;

import dev.hawse.containerd.api.services.images.v1.Image;
import dev.hawse.runtime.ImageReference;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Text;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the image that somebody means. Safe for any number of threads. */
final class ImageLookup {

    private static final Logger log = LoggerFactory.getLogger(ImageLookup.class);

    private final Names names;
    private final ImageTree tree;

    ImageLookup(Names names, ImageTree tree) {
        this.names = names;
        this.tree = tree;
    }

    /**
     * The image's names: the one that was given, or when a digest was given all that it has, at least one.
     *
     * @throws RuntimeFailure when there is none, or when a prefix fits several images
     */
    List<Image> find(String text) {
        var digest = ImageReference.isDigestOrPrefix(text);
        // "sha256:abcdef" would be a name too.
        var named = digest && text.startsWith("sha256:") ? Optional.<Image>empty() : byName(text);
        if (named.isPresent()) {
            return List.of(named.get());
        }
        if (!digest) {
            throw notFound(text);
        }
        return byDigest(text);
    }

    private Optional<Image> byName(String text) {
        var name = ImageReference.parse(text);
        var found = names.find(name.wholeName());
        if (found.isPresent()) {
            return found;
        }
        if (name.digest() != null) {
            return names.all().stream()
                    .filter(image -> image.getTarget().getDigest().equals(name.digest()))
                    .filter(image -> image.getName().startsWith(name.withoutTag() + ":"))
                    .findFirst();
        }
        // Other programs store names that they did not complete.
        return names.find(text);
    }

    private List<Image> byDigest(String text) {
        var prefix = text.startsWith("sha256:") ? text : "sha256:" + text;
        var found = new TreeMap<String, List<Image>>();
        for (var image : names.all()) {
            digests(image).stream()
                    .filter(d -> d.startsWith(prefix))
                    .findFirst()
                    .ifPresent(d ->
                            found.computeIfAbsent(d, _ -> new ArrayList<>()).add(image));
        }
        if (found.isEmpty()) {
            throw notFound(text);
        }
        if (found.size() > 1) {
            throw RuntimeFailure.of(
                    Reason.AMBIGUOUS_ID,
                    "image: \"" + text + "\" fits " + found.size() + " images: " + String.join(", ", found.keySet()),
                    Map.of("image", text));
        }
        return found.firstEntry().getValue();
    }

    /** Of what the name points to, and of the configuration when that can be read. */
    private List<String> digests(Image image) {
        var target = Descriptor.of(image.getTarget());
        return readable(image)
                .map(i -> List.of(target.digest(), i.manifest().config().digest()))
                .orElseGet(() -> List.of(target.digest()));
    }

    /** Empty when its content is not here or not an image: other programs, and other platforms, leave such names. */
    Optional<ResolvedImage> readable(Image image) {
        try {
            return Optional.of(tree.readable("image " + image.getName(), Descriptor.of(image.getTarget())));
        } catch (RuntimeFailure e) {
            log.debug("passed over: {}", e.getMessage());
            return Optional.empty();
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == io.grpc.Status.Code.NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static RuntimeFailure notFound(String text) {
        return RuntimeFailure.of(
                Reason.IMAGE_NOT_FOUND,
                "there is no image \"" + Text.printable(text) + "\" on containerd",
                Map.of("image", Text.printable(text)));
    }
}
