package dev.hawse.containerd;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Output that cannot be read any more: it has ended. */
final class NoOutput implements ProcessOutput {

    @Override
    public List<String> fifos() {
        return List.of();
    }

    @Override
    public void open() {}

    @Override
    public String stdout() {
        return "";
    }

    @Override
    public String stderr() {
        return "";
    }

    @Override
    public void processEnded() {}

    @Override
    public CompletableFuture<Void> drained() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void abandon() {}

    @Override
    public void close() {}
}
