package dev.hawse.testing;

import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;

/** A sink that keeps what it gets, and checks that offsets have no holes but those that were told. */
public final class Recorder implements OutputSink {

    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private final List<String> gaps = new ArrayList<>();
    private final CompletableFuture<ProcessExit> exit = new CompletableFuture<>();
    private long nextStdout = -1;
    private long nextStderr = -1;
    private volatile boolean accepting = true;

    @Override
    public synchronized boolean output(OutputKind stream, long offset, byte[] bytes) {
        var expected = stream == OutputKind.STDOUT ? nextStdout : nextStderr;
        if (expected >= 0 && expected != offset) {
            exit.completeExceptionally(new AssertionError(stream + " jumped from " + expected + " to " + offset));
        }
        if (stream == OutputKind.STDOUT) {
            nextStdout = offset + bytes.length;
            stdout.writeBytes(bytes);
        } else {
            nextStderr = offset + bytes.length;
            stderr.writeBytes(bytes);
        }
        return accepting;
    }

    @Override
    public synchronized void gap(OutputKind stream, long from, long to, GapCause cause) {
        gaps.add(stream + " " + from + ".." + to);
        if (stream == OutputKind.STDOUT) {
            nextStdout = to;
        } else {
            nextStderr = to;
        }
    }

    @Override
    public void exited(ProcessExit e) {
        if (!exit.complete(e)) {
            throw new IllegalStateException("the end was told twice");
        }
    }

    /** From now on every chunk is answered with "no more for now", or not. */
    public void accepting(boolean now) {
        accepting = now;
    }

    public synchronized byte[] stdout() {
        return stdout.toByteArray();
    }

    public synchronized byte[] stderr() {
        return stderr.toByteArray();
    }

    public String out() {
        return new String(stdout(), StandardCharsets.UTF_8);
    }

    public String err() {
        return new String(stderr(), StandardCharsets.UTF_8);
    }

    public synchronized List<String> gaps() {
        return List.copyOf(gaps);
    }

    public boolean ended() {
        return exit.isDone();
    }

    /** The end; fails when it does not come within 30 seconds. */
    public ProcessExit exit() {
        try {
            return exit.get(30, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("no end within 30 s; stdout so far: " + out() + ", stderr: " + err(), e);
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Waits until standard output holds this. */
    public void awaitOut(String text) {
        Awaitility.await().until(() -> out().contains(text));
    }
}
