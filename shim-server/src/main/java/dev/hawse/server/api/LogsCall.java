package dev.hawse.server.api;

import com.google.protobuf.UnsafeByteOperations;
import dev.hawse.api.runtime.v1.StreamLogsRequest;
import dev.hawse.api.runtime.v1.StreamLogsResponse;
import dev.hawse.runtime.LogGap;
import dev.hawse.runtime.LogSession;
import dev.hawse.runtime.LogSink;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** {@code ContainerService.StreamLogs}: records go out while the caller takes them. */
final class LogsCall implements LogSink {

    private final ServerCallStreamObserver<StreamLogsResponse> out;

    private LogsCall(StreamObserver<StreamLogsResponse> responses) {
        this.out = (ServerCallStreamObserver<StreamLogsResponse>) responses;
    }

    /** To be called on the call's own thread, before the service's method returns. */
    static void begin(Runtimes runtimes, StreamLogsRequest request, StreamObserver<StreamLogsResponse> responses) {
        var call = new LogsCall(responses);
        try {
            var query = ContainerMapper.logQuery(request);
            var located = runtimes.find(request.getContainer());
            var session =
                    located.runtime().containers().logs(located.container().id(), query, call);
            call.out.setOnReadyHandler(() -> call.resume(session));
            call.out.setOnCancelHandler(session::close);
            call.resume(session);
        } catch (RuntimeException e) {
            responses.onError(StatusMapper.toException(e));
        }
    }

    /** Wake-ups may come late: one must not push a record that there is no room for. */
    private void resume(LogSession session) {
        if (out.isReady()) {
            session.resume();
        }
    }

    @Override
    public boolean record(OutputKind stream, Instant time, byte[] bytes) {
        out.onNext(StreamLogsResponse.newBuilder()
                .setStream(ProcessMapper.outputStream(stream))
                .setTime(Times.timestamp(time))
                .setData(UnsafeByteOperations.unsafeWrap(bytes))
                .build());
        return out.isReady();
    }

    @Override
    public boolean gap(LogGap gap) {
        out.onNext(StreamLogsResponse.newBuilder()
                .setStream(ProcessMapper.outputStream(gap.stream()))
                .setTime(Times.timestamp(gap.time()))
                .setGap(ContainerMapper.logGap(gap))
                .build());
        return out.isReady();
    }

    @Override
    public void end(@Nullable RuntimeFailure failure) {
        if (failure == null) {
            out.onCompleted();
        } else {
            out.onError(StatusMapper.toException(failure));
        }
    }
}
