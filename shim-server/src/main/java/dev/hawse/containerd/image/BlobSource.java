package dev.hawse.containerd.image;

/** Where the content of images is. */
interface BlobSource {

    boolean has(String digest);

    /**
     * All bytes of a document.
     *
     * @throws dev.hawse.runtime.RuntimeFailure when it is not there, or larger than {@link Documents#LARGEST}
     */
    byte[] read(String digest);
}
