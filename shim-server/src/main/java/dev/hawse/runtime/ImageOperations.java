package dev.hawse.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * The images of one engine. An image is a name, completed as Docker does, a name with digest, a digest, or a unique prefix
 * of one of at least 6 hex digits.
 */
public interface ImageOperations {

    /**
     * Loads the images of an archive, one read from the stream after the other, and lists none that it did not finish. An
     * interrupt of the calling thread ends it.
     *
     * @param baseName for images that the archive gives no name; empty to refuse them
     * @throws IOException when the archive cannot be read
     */
    List<Image> load(InputStream archive, String baseName, LoadListener listener) throws IOException;

    /**
     * Writes images as one archive: an OCI image layout that {@code docker load} reads too.
     *
     * @throws IOException when the archive cannot be written
     */
    void save(List<String> images, OutputStream archive) throws IOException;

    /** All images by name. */
    List<Image> list();

    Image get(String image);

    /** Takes a name, or all names of a digest, away; refused while a container uses the image, unless forced. */
    Removed remove(String image, boolean force);

    /** Gives an image another name, taking it from any image that has it. */
    Image tag(String image, String name);

    /**
     * What is gone.
     *
     * @param untagged names
     * @param deleted digests to which no name is left
     */
    record Removed(List<String> untagged, List<String> deleted) {
        public Removed {
            untagged = List.copyOf(untagged);
            deleted = List.copyOf(deleted);
        }
    }

    /** Told how a load goes, by the thread that loads. */
    interface LoadListener {

        /** So many bytes of the archive have been read. */
        void reading(long bytes);

        /** A layer of an image is done or about to be. */
        void unpacking(String image, String layerDigest, int layersDone, int layers);

        /** An image can be used from now on. */
        void loaded(Image image);
    }
}
