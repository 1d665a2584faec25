package dev.hawse.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.hawse.runtime.Image;
import dev.hawse.runtime.ImageConfig;
import dev.hawse.runtime.ImageOperations;
import dev.hawse.runtime.ImageReference;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Text;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Images in memory. Their archive is a text with one name per line. */
final class FakeImages implements ImageOperations {

    final AtomicInteger saving = new AtomicInteger();
    volatile int fill;

    private final FakeRuntime runtime;
    private final Map<String, Image> images = new ConcurrentSkipListMap<>();

    FakeImages(FakeRuntime runtime) {
        this.runtime = runtime;
    }

    Image add(String name) {
        var whole = ImageReference.parse(name).wholeName();
        var image = new Image(
                whole,
                "sha256:"
                        + Integer.toHexString((whole.hashCode() & 0xffffff) | 0x1000000)
                                .repeat(9) + "f",
                runtime.kind(),
                "linux/amd64",
                "sha256:" + "0".repeat(64),
                1,
                null,
                Instant.now(),
                ImageConfig.EMPTY,
                List.of("sha256:" + "1".repeat(64)));
        images.put(whole, image);
        runtime.tell(RuntimeEvent.Type.IMAGE_UPDATED, null, null, whole, null);
        return image;
    }

    @Override
    public List<Image> load(InputStream archive, String baseName, LoadListener listener) throws IOException {
        runtime.check();
        runtime.awaitRelease();
        var bytes = archive.readAllBytes();
        listener.reading(bytes.length);
        var text = new String(bytes, UTF_8);
        if (text.isBlank() || !Text.printable(text.replace("\n", "")).equals(text.replace("\n", ""))) {
            throw RuntimeFailure.of(Reason.INVALID_ARCHIVE, "the archive is no list of names");
        }
        var loaded = new ArrayList<Image>();
        for (var name : text.lines().toList()) {
            var image = add(name);
            listener.unpacking(image.name(), image.layerDigests().getFirst(), 0, 1);
            listener.loaded(image);
            loaded.add(image);
        }
        return loaded;
    }

    @Override
    public void save(List<String> names, OutputStream archive) throws IOException {
        var found = names.stream().map(this::get).toList();
        saving.incrementAndGet();
        try {
            archive.write(new byte[fill]);
            for (var image : found) {
                archive.write((image.name() + "\n").getBytes(UTF_8));
            }
        } finally {
            saving.decrementAndGet();
        }
    }

    @Override
    public List<Image> list() {
        runtime.check();
        return List.copyOf(images.values());
    }

    @Override
    public Image get(String image) {
        runtime.check();
        if (ImageReference.isDigestOrPrefix(image)) {
            var digest = image.startsWith("sha256:") ? image : "sha256:" + image;
            var found = images.values().stream()
                    .filter(i -> i.digest().startsWith(digest))
                    .findFirst();
            if (found.isPresent()) {
                return found.get();
            }
        }
        var found = images.get(ImageReference.parse(image).wholeName());
        if (found == null) {
            throw RuntimeFailure.of(
                    Reason.IMAGE_NOT_FOUND, "there is no image " + image, Map.of("image", Text.printable(image)));
        }
        return found;
    }

    @Override
    public Removed remove(String image, boolean force) {
        var found = get(image);
        images.remove(found.name());
        runtime.tell(RuntimeEvent.Type.IMAGE_REMOVED, null, null, found.name(), null);
        return new Removed(List.of(found.name()), List.of(found.digest()));
    }

    @Override
    public Image tag(String image, String name) {
        var of = get(image);
        var tagged = new Image(
                ImageReference.parse(name).wholeName(),
                of.digest(),
                of.runtime(),
                of.platform(),
                of.configDigest(),
                of.sizeBytes(),
                of.builtAt(),
                Instant.now(),
                of.config(),
                of.layerDigests());
        images.put(tagged.name(), tagged);
        return tagged;
    }
}
