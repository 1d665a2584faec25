package dev.hawse.server.api;

import com.google.protobuf.UnsafeByteOperations;
import dev.hawse.api.runtime.v1.SaveImagesRequest;
import dev.hawse.api.runtime.v1.SaveImagesResponse;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.Executor;

/** {@code ImageService.SaveImages}: one worker writes the archive and waits whenever the caller takes no more. */
final class SaveImagesCall extends OutputStream {

    private static final int CHUNK = 256 << 10;

    private final ServerCallStreamObserver<SaveImagesResponse> out;
    private boolean gone;

    private SaveImagesCall(StreamObserver<SaveImagesResponse> responses) {
        this.out = (ServerCallStreamObserver<SaveImagesResponse>) responses;
    }

    static void begin(
            Runtimes runtimes,
            SaveImagesRequest request,
            StreamObserver<SaveImagesResponse> responses,
            Executor workers) {
        var call = new SaveImagesCall(responses);
        call.out.setOnReadyHandler(call::wake);
        call.out.setOnCancelHandler(call::leave);
        workers.execute(() -> call.save(runtimes, request));
    }

    private void save(Runtimes runtimes, SaveImagesRequest request) {
        try {
            if (request.getImagesCount() == 0) {
                throw RuntimeFailure.invalid("images", "must name at least one image");
            }
            var images = runtimes.choose(request.getRuntime()).images();
            try (var buffered = new BufferedOutputStream(this, CHUNK)) {
                images.save(request.getImagesList(), buffered);
            }
            finish(out::onCompleted);
        } catch (IOException e) {
            finish(() -> out.onError(StatusMapper.toException(
                    RuntimeFailure.of(Reason.INTERNAL, "the archive could not be written", java.util.Map.of(), e))));
        } catch (RuntimeException e) {
            finish(() -> out.onError(StatusMapper.toException(e)));
        }
    }

    private synchronized void finish(Runnable end) {
        if (!gone) {
            gone = true;
            end.run();
        }
    }

    private synchronized void wake() {
        notifyAll();
    }

    private synchronized void leave() {
        gone = true;
        notifyAll();
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int from = offset, end = offset + length; from < end; from += CHUNK) {
            send(Arrays.copyOfRange(bytes, from, Math.min(from + CHUNK, end)));
        }
    }

    private synchronized void send(byte[] piece) throws IOException {
        try {
            while (!gone && !out.isReady()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("the download was cancelled");
        }
        if (gone) {
            throw new IOException("the caller has gone");
        }
        out.onNext(SaveImagesResponse.newBuilder()
                .setData(UnsafeByteOperations.unsafeWrap(piece))
                .build());
    }
}
