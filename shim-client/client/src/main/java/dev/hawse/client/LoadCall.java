package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.ImageServiceGrpc;
import dev.hawse.api.runtime.v1.LoadImagesRequest;
import dev.hawse.api.runtime.v1.LoadImagesResponse;
import dev.hawse.api.runtime.v1.LoadImagesStart;
import dev.hawse.client.HawseException.Code;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One upload of an archive, driven by the thread that asked for it: it sends when the server has room, tells the listener
 * what came back, and waits when there is neither to do. One answer is held at a time.
 */
final class LoadCall extends ClientCall.Listener<LoadImagesResponse> {

    private static final int PIECE = 256 << 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ClientCall<LoadImagesRequest, LoadImagesResponse> call;
    private final Failures failures;
    private final LoadListener listener;
    private final List<Image> images = new ArrayList<>();
    private @Nullable LoadImagesResponse answer;
    private @Nullable Status end;
    private @Nullable Metadata trailers;

    LoadCall(Connection connection, LoadListener listener) {
        // Without deadline: a load lasts as long as its archive, whose source may be slow.
        this.call = connection.call(ImageServiceGrpc.getLoadImagesMethod());
        this.failures = connection.failures();
        this.listener = listener;
    }

    List<Image> load(LoadImagesStart start, InputStream archive) throws IOException {
        boolean done = false;
        try {
            call.start(this, new Metadata());
            call.sendMessage(LoadImagesRequest.newBuilder().setStart(start).build());
            call.request(1);
            var piece = new byte[PIECE];
            boolean sending = true;
            while (awaitTurn(sending)) {
                tell();
                if (sending && call.isReady()) {
                    int read = archive.read(piece);
                    if (read < 0) {
                        call.halfClose();
                        sending = false;
                    } else if (read > 0) {
                        call.sendMessage(LoadImagesRequest.newBuilder()
                                .setData(ByteString.copyFrom(piece, 0, read))
                                .build());
                    }
                }
            }
            done = true;
            return List.copyOf(images);
        } finally {
            if (!done) {
                call.cancel("the upload was given up", null);
            }
        }
    }

    /** Waits for something to do; false when the call has ended well and everything is told. */
    private boolean awaitTurn(boolean sending) {
        lock.lock();
        try {
            while (answer == null) {
                if (end != null) {
                    if (end.isOk()) {
                        return false;
                    }
                    throw failures.from(end, trailers, null);
                }
                if (sending && call.isReady()) {
                    return true;
                }
                changed.await();
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HawseException(Code.CANCELLED, "the thread was interrupted while it loaded an archive", e);
        } finally {
            lock.unlock();
        }
    }

    private void tell() {
        LoadImagesResponse told;
        lock.lock();
        try {
            told = answer;
            answer = null;
        } finally {
            lock.unlock();
        }
        if (told != null) {
            if (told.hasLoaded()) {
                var image = ImageMapper.image(told.getLoaded());
                images.add(image);
                listener.loaded(image);
            } else if (told.hasProgress()) {
                listener.progress(ImageMapper.progress(told));
            }
            call.request(1);
        }
    }

    @Override
    public void onMessage(LoadImagesResponse message) {
        lock.lock();
        try {
            answer = message;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onReady() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void onClose(Status status, Metadata with) {
        lock.lock();
        try {
            end = status;
            trailers = with;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
