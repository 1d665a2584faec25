package dev.hawse.testing;

import dev.hawse.runtime.Image;
import dev.hawse.runtime.ImageOperations.LoadListener;

/** Does not care how a load goes. */
public final class NoListener implements LoadListener {

    @Override
    public void reading(long bytes) {}

    @Override
    public void unpacking(String image, String layerDigest, int layersDone, int layers) {}

    @Override
    public void loaded(Image image) {}
}
