package dev.hawse.client;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A live connection to a process: its input, its two outputs, its terminal, its signals and its end. Safe for use by any
 * number of threads.
 *
 * <p><b>The streams cannot deadlock one another, or the exit.</b> All output that nobody has read yet shares one window of
 * memory ({@link HawseClient.Builder#outputWindow}, 1 MiB by default). While it is full the server is asked for no more,
 * and the process waits, as it does before a full pipe. There is one exception: when a thread waits for something that can
 * only come after the unread bytes (the other stream, room for input, the exit) and nobody attends to these bytes, they
 * move to a temporary file, from which they are read later, in order and complete. A stream counts as unattended when
 * nobody ever read from it, when its last reader is the very thread that now waits, or when nobody read from it for five
 * seconds. So one thread may write all input, then read all of standard error, then all of standard output, in any order;
 * memory stays bounded and no byte is lost. Who wants no file on disk uses {@link #onOutput}, reads both streams in
 * threads of their own, or closes a stream, which drops what comes on it.
 *
 * <p>Blocking methods end with a {@link HawseException} of {@link HawseException.Code#CANCELLED} when the thread is
 * interrupted, whose flag stays set; streams throw {@link java.io.InterruptedIOException}. The session itself goes on.
 */
public sealed interface ProcessSession extends AutoCloseable permits ExecSession, RunSession, AttachSession {

    /** The container's id. */
    String containerId();

    /**
     * The process's input, always the same stream. A write blocks until the server has room, and throws an
     * {@link java.io.IOException} when the process has ended or input was not asked for. Nothing waits in this stream for
     * a flush. Closing it ends the input, behind all that was written; on a terminal that types Ctrl-D.
     */
    OutputStream stdin();

    /**
     * What the process writes, always the same stream, readable also after the exit. A read throws an
     * {@link java.io.IOException} when the connection breaks before the end of the process is known. Closing it drops
     * what comes.
     */
    InputStream stdout();

    /** As {@link #stdout()}; empty to its end when the process has a terminal. */
    InputStream stderr();

    /**
     * Hands all output to a listener instead of the streams. The exit is told after the last call of the listener.
     *
     * @throws IllegalStateException when there is a listener already, or a stream was asked for
     */
    void onOutput(OutputListener listener);

    /** Bytes of output that are known to be missing, so far. */
    long missedBytes();

    /**
     * The places where output is missing, or may be, as far as it was read or handed to the listener; of more than a
     * thousand, the newest.
     */
    List<OutputGap> gaps();

    /** Sets the terminal's size. Never blocks; of several in quick succession the newest counts. */
    void resize(TerminalSize size);

    /**
     * Sends a signal to the process alone. Never blocks. It goes behind the input written so far: a process that does not
     * read its input is reached by {@link Execs#signal} or {@link Containers#kill}.
     *
     * @param signal a name with or without "SIG", or a number
     */
    void signal(String signal);

    /** As {@link #signal(String)}, to the process or to all that descend from it too. */
    void signal(String signal, SignalScope scope);

    /**
     * Waits for the end of the process, after which all its output is here.
     *
     * @throws HawseException when the connection breaks before the end is known; an end is never made up
     */
    ProcessExit awaitExit();

    /** As {@link #awaitExit()}, and empty when the time has passed. */
    Optional<ProcessExit> awaitExit(Duration time);

    /**
     * The end of the process. Fails with a {@link HawseException} as {@link #awaitExit()} does. Completed on a thread of
     * the client that may be blocked.
     */
    CompletableFuture<ProcessExit> onExit();

    /**
     * Leaves: a command that still runs is left to its {@link DisconnectPolicy}, which kills it unless it says otherwise; a
     * container's main process goes on, unless {@link RunOption#KILL_ON_CLOSE} said otherwise. Unread output is dropped, and its file deleted. Never blocks; closing twice is
     * no error.
     */
    @Override
    void close();
}
