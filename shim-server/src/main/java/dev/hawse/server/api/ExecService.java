package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;

/** Commands over gRPC; see {@code exec.proto}. */
final class ExecService extends ExecServiceGrpc.ExecServiceImplBase {

    private final Runtimes runtimes;
    private final Executor workers;

    ExecService(Runtimes runtimes, Executor workers) {
        this.runtimes = runtimes;
        this.workers = workers;
    }

    @Override
    public StreamObserver<ExecRequest> exec(StreamObserver<ExecResponse> responses) {
        return new ExecCall(runtimes, responses, workers).begin();
    }
}
