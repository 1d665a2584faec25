package dev.hawse.runtime;

import java.util.function.Consumer;

/**
 * One container engine. Implementations are safe for use by any number of threads at once.
 *
 * <p>Closing it ends every stream and frees every descriptor; containers and commands in them are not touched.
 */
public interface ContainerRuntime extends AutoCloseable {

    RuntimeKind kind();

    /** Asks the engine how it is, for at most a second; never throws. */
    RuntimeInfo probe();

    ContainerOperations containers();

    ExecOperations execs();

    ImageOperations images();

    /**
     * Tells what happens on the engine from now on, whoever caused it, in the order in which the engine tells it. The
     * listener is called by one thread at a time and must not block. Closing the answer ends it.
     */
    Registration events(Consumer<RuntimeEvent> listener);

    @Override
    void close();
}
