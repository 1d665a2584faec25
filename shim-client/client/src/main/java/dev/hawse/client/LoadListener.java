package dev.hawse.client;

/** Is told how a load goes, on the thread that loads: one call at a time, in order. What it throws ends the load. */
public interface LoadListener {

    /** Hears nothing. */
    LoadListener NONE = new LoadListener() {};

    default void progress(LoadProgress progress) {}

    /** An image that can be used from now on. */
    default void loaded(Image image) {}
}
