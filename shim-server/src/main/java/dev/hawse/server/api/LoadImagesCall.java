package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.LoadImagesRequest;
import dev.hawse.api.runtime.v1.LoadImagesResponse;
import dev.hawse.api.runtime.v1.LoadImagesStart;
import dev.hawse.api.runtime.v1.LoadProgress;
import dev.hawse.runtime.Image;
import dev.hawse.runtime.ImageOperations.LoadListener;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * {@code ImageService.LoadImages}: an archive in, progress out. One worker reads the archive; a chunk is asked for when one
 * was read. Progress that the caller is too slow for is left out, since the next one says more.
 */
final class LoadImagesCall implements StreamObserver<LoadImagesRequest>, LoadListener {

    private static final int WINDOW = 4;
    private static final int MAX_CHUNK = 1 << 20;
    private static final long READING_STEP = 1 << 20;

    private final Runtimes runtimes;
    private final ServerCallStreamObserver<LoadImagesResponse> out;
    private final Executor workers;
    private final ArchivePipe archive;
    private @Nullable Thread loading;
    private boolean started;
    private boolean done;
    private long told;

    private LoadImagesCall(Runtimes runtimes, StreamObserver<LoadImagesResponse> responses, Executor workers) {
        this.runtimes = runtimes;
        this.out = (ServerCallStreamObserver<LoadImagesResponse>) responses;
        this.workers = workers;
        this.archive = new ArchivePipe(() -> out.request(1));
    }

    static LoadImagesCall begin(Runtimes runtimes, StreamObserver<LoadImagesResponse> responses, Executor workers) {
        var call = new LoadImagesCall(runtimes, responses, workers);
        call.out.disableAutoRequest();
        call.out.setOnCancelHandler(call::cancelled);
        call.out.request(1);
        return call;
    }

    @Override
    public void onNext(LoadImagesRequest frame) {
        try {
            switch (frame.getFrameCase()) {
                case START -> start(frame.getStart());
                case DATA -> data(frame);
                case FRAME_NOT_SET -> throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "a frame is empty");
            }
        } catch (RuntimeException e) {
            fail(e);
            cancelled();
        }
    }

    private void start(LoadImagesStart start) {
        if (started) {
            throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "start must come once; this is the second");
        }
        started = true;
        workers.execute(() -> load(start));
        out.request(WINDOW);
    }

    private void data(LoadImagesRequest frame) {
        if (!started) {
            throw RuntimeFailure.of(Reason.PROTOCOL_VIOLATION, "the first frame must be start");
        }
        if (frame.getData().size() > MAX_CHUNK) {
            throw RuntimeFailure.invalid(
                    "data",
                    "a frame must be at most 1 MiB (got " + frame.getData().size() + " bytes)");
        }
        archive.give(frame.getData());
    }

    @Override
    public void onCompleted() {
        if (started) {
            archive.end();
        } else {
            fail(RuntimeFailure.of(
                    Reason.PROTOCOL_VIOLATION, "the first frame must be start; the call ended before it"));
        }
    }

    @Override
    public void onError(Throwable cancelled) {
        cancelled();
    }

    private void cancelled() {
        archive.fail(new IOException("the upload was cancelled"));
        synchronized (this) {
            done = true;
            if (loading != null) {
                loading.interrupt();
            }
        }
    }

    private void load(LoadImagesStart start) {
        synchronized (this) {
            loading = Thread.currentThread();
        }
        try {
            runtimes.choose(start.getRuntime()).images().load(archive, start.getBaseName(), this);
            synchronized (this) {
                if (!done) {
                    done = true;
                    out.onCompleted();
                }
            }
        } catch (IOException e) {
            fail(RuntimeFailure.of(
                    Reason.INVALID_ARCHIVE, "the archive cannot be read: " + e.getMessage(), java.util.Map.of(), e));
        } catch (RuntimeException e) {
            fail(e);
        } finally {
            synchronized (this) {
                loading = null;
            }
        }
    }

    @Override
    public void reading(long bytes) {
        if (bytes - told >= READING_STEP) {
            told = bytes;
            progress(ImageMapper.reading(bytes));
        }
    }

    @Override
    public void unpacking(String image, String layerDigest, int layersDone, int layers) {
        progress(ImageMapper.unpacking(image, layerDigest, layersDone, layers));
    }

    private synchronized void progress(LoadProgress progress) {
        if (!done && out.isReady()) {
            out.onNext(LoadImagesResponse.newBuilder().setProgress(progress).build());
        }
    }

    @Override
    public synchronized void loaded(Image image) {
        if (!done) {
            out.onNext(LoadImagesResponse.newBuilder()
                    .setLoaded(ImageMapper.image(image))
                    .build());
        }
    }

    private synchronized void fail(RuntimeException failure) {
        if (!done) {
            done = true;
            out.onError(StatusMapper.toException(failure));
        }
    }
}
