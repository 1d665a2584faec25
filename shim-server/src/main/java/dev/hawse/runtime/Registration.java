package dev.hawse.runtime;

/** Something that goes on until it is closed. Closing twice is no error. */
public interface Registration extends AutoCloseable {
    @Override
    void close();
}
