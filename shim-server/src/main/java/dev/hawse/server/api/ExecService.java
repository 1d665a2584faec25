package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.AttachExecRequest;
import dev.hawse.api.runtime.v1.AttachExecResponse;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecResponse;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.GetExecRequest;
import dev.hawse.api.runtime.v1.GetExecResponse;
import dev.hawse.api.runtime.v1.ListExecsRequest;
import dev.hawse.api.runtime.v1.ListExecsResponse;
import dev.hawse.api.runtime.v1.RunExecRequest;
import dev.hawse.api.runtime.v1.RunExecResponse;
import dev.hawse.api.runtime.v1.SignalExecRequest;
import dev.hawse.api.runtime.v1.SignalExecResponse;
import dev.hawse.api.runtime.v1.StartExecRequest;
import dev.hawse.api.runtime.v1.StartExecResponse;
import dev.hawse.exec.DisconnectPolicy;
import dev.hawse.exec.Exec;
import dev.hawse.exec.ExecState;
import dev.hawse.exec.Execs;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Executor;

/** Commands over gRPC; see {@code exec.proto}. */
final class ExecService extends ExecServiceGrpc.ExecServiceImplBase {

    private static final Pages<dev.hawse.api.runtime.v1.Exec> PAGES = new Pages<>(
            e -> String.format(
                    "%019d.%09d.%s",
                    e.getCreatedAt().getSeconds(), e.getCreatedAt().getNanos(), e.getId()),
            Comparator.reverseOrder());

    private final Runtimes runtimes;
    private final Execs execs;
    private final Executor workers;

    ExecService(Runtimes runtimes, Execs execs, Executor workers) {
        this.runtimes = runtimes;
        this.execs = execs;
        this.workers = workers;
    }

    @Override
    public StreamObserver<ExecRequest> exec(StreamObserver<ExecResponse> responses) {
        return new ExecCall(runtimes, execs, responses, workers).begin();
    }

    @Override
    public void runExec(RunExecRequest request, StreamObserver<RunExecResponse> response) {
        try {
            new RunExecCall(request, (ServerCallStreamObserver<RunExecResponse>) response).run(runtimes, execs);
        } catch (RuntimeFailure e) {
            response.onError(StatusMapper.toException(e));
        }
    }

    @Override
    public void startExec(StartExecRequest request, StreamObserver<StartExecResponse> response) {
        Unary.replyWhenDone(
                response,
                () -> {
                    var located = runtimes.find(request.getStart().getContainer());
                    var command = ExecMapper.command(
                            located, request.getStart(), new DisconnectPolicy.Detach(null), "StartExec", request);
                    return execs.begin(located.runtime().execs(), command, null, null)
                            .thenCompose(begun -> begun.exec().settled().thenApply(_ -> begun));
                },
                begun -> StartExecResponse.newBuilder()
                        .setExec(ExecMapper.exec(begun.exec().info()))
                        .setExisting(begun.existing())
                        .build());
    }

    @Override
    public StreamObserver<AttachExecRequest> attachExec(StreamObserver<AttachExecResponse> responses) {
        return new AttachExecCall(execs, responses, workers).begin();
    }

    @Override
    public void getExec(GetExecRequest request, StreamObserver<GetExecResponse> response) {
        Unary.reply(
                response,
                () -> GetExecResponse.newBuilder()
                        .setExec(ExecMapper.exec(execs.find(request.getExecId()).info()))
                        .build());
    }

    @Override
    public void listExecs(ListExecsRequest request, StreamObserver<ListExecsResponse> response) {
        Unary.reply(response, () -> {
            var states = states(request);
            var container = request.getContainer().isEmpty()
                    ? null
                    : runtimes.find(request.getContainer()).container().id();
            var found = execs.all().stream()
                    .filter(exec -> container == null || exec.container().equals(container))
                    .map(Exec::info)
                    .filter(info -> states.contains(info.state()))
                    .map(ExecMapper::exec);
            var filter = request.toBuilder().clearPageSize().clearPageToken().build();
            var page = PAGES.page(found, filter, request.getPageSize(), request.getPageToken());
            return ListExecsResponse.newBuilder()
                    .addAllExecs(page.items())
                    .setNextPageToken(page.next())
                    .build();
        });
    }

    private static Set<ExecState> states(ListExecsRequest request) {
        if (request.getStatesCount() == 0) {
            return EnumSet.allOf(ExecState.class);
        }
        var states = EnumSet.noneOf(ExecState.class);
        for (int i = 0; i < request.getStatesCount(); i++) {
            states.add(ExecMapper.state("states[" + i + "]", request.getStates(i)));
        }
        return states;
    }

    @Override
    public void signalExec(SignalExecRequest request, StreamObserver<SignalExecResponse> response) {
        Unary.replyWhenDone(
                response,
                () -> {
                    var frame = request.getSignal();
                    var signal = ProcessMapper.signal("signal.signal", frame.getSignal());
                    if (signal == null) {
                        throw RuntimeFailure.invalid("signal.signal", "is required: a name or a number from 1 to 64");
                    }
                    return execs.find(request.getExecId()).signal(signal, ProcessMapper.scope(frame.getScope()));
                },
                _ -> SignalExecResponse.getDefaultInstance());
    }
}
