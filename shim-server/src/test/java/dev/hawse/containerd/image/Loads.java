package dev.hawse.containerd.image;

import dev.hawse.runtime.Image;
import dev.hawse.runtime.ImageOperations.LoadListener;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Loads archives, and keeps what is told meanwhile. */
class Loads implements LoadListener {

    final List<String> told = new ArrayList<>();
    final List<Image> loaded = new ArrayList<>();
    long read;

    static List<Image> load(ContainerdImages images, byte[] archive) throws IOException {
        return images.load(new ByteArrayInputStream(archive), "", new Loads());
    }

    @Override
    public void reading(long bytes) {
        read = bytes;
    }

    @Override
    public void unpacking(String image, String layerDigest, int layersDone, int layers) {
        told.add(image + " " + layersDone + "/" + layers);
    }

    @Override
    public void loaded(Image image) {
        loaded.add(image);
        told.add(image.name());
    }
}
