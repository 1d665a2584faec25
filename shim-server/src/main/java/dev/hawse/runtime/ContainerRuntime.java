package dev.hawse.runtime;

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
     * Tells what happens on the engine, whoever caused it. The first listener hears of everything since the engine was
     * opened, later ones of what comes. Closing the answer ends it.
     */
    Registration events(EventListener listener);

    @Override
    void close();
}
