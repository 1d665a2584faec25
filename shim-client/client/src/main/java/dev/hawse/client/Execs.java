package dev.hawse.client;

import com.google.protobuf.ByteString;
import dev.hawse.api.runtime.v1.ExecServiceGrpc;
import dev.hawse.api.runtime.v1.GetExecRequest;
import dev.hawse.api.runtime.v1.ListExecsRequest;
import dev.hawse.api.runtime.v1.RunExecRequest;
import dev.hawse.api.runtime.v1.SignalExecRequest;
import dev.hawse.api.runtime.v1.StartExecRequest;
import java.util.Set;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The commands of a server, which have ids of their own and may outlive whoever started them, and the server too. Safe for
 * use by any number of threads. Wherever a command is asked for, its id or a unique prefix of it will do. Every method
 * throws {@link HawseException}.
 */
public final class Execs {

    private static final int PAGE_SIZE = 100;

    private final Connection connection;

    Execs(Connection connection) {
        this.connection = connection;
    }

    /**
     * Executes a command with one question and one answer: all of its input, at most 3 MiB, and its output up to the limit
     * of the options, at most 16 MiB of each stream; what is more is dropped. {@link HawseClient#run} takes input of any
     * size. It may take any time; a command whose caller's thread is interrupted is killed.
     *
     * @param container the container's id, a unique prefix of it, or its name
     */
    public ExecResult run(String container, ExecSpec spec, RunOptions options) {
        var start = ExecMapper.start(container, spec).toBuilder();
        start.getIoBuilder().setStdin(false);
        var request = RunExecRequest.newBuilder().setStart(start).setMaxOutput(options.outputLimit());
        if (spec.stdin() || options.input().length > 0) {
            request.setStdin(ByteString.copyFrom(options.input()));
        }
        var response = connection.unary(ExecServiceGrpc.getRunExecMethod(), request.build(), null);
        return new ExecResult(
                response.getStdout().toByteArray(),
                response.getStderr().toByteArray(),
                response.getStdoutTruncated() || response.getStderrTruncated(),
                ProcessMapper.exit(response.getExited()));
    }

    /**
     * Starts a command and leaves it to itself; {@link #attach} connects to it. Returns when it runs or is known not to,
     * which {@link Exec#exit()} tells. With {@link ExecSpec#stdin()} its input stays open for whoever attaches.
     *
     * @param container the container's id, a unique prefix of it, or its name
     */
    public Exec start(String container, ExecSpec spec) {
        var request = StartExecRequest.newBuilder()
                .setStart(ExecMapper.start(container, spec))
                .build();
        return ExecMapper.exec(
                connection.unary(ExecServiceGrpc.getStartExecMethod(), request).getExec());
    }

    /**
     * Connects to a command, also to one that has ended and whose output is still kept. Closing the session leaves the
     * command to its {@link DisconnectPolicy}.
     *
     * @throws HawseException with {@link HawseException.Reason#OFFSET_OUT_OF_RANGE} when the bytes asked for are not kept,
     *     and with {@link HawseException.Reason#WRITER_TAKEN} when another caller gives the input
     */
    public ExecSession attach(String execId, AttachExecSpec spec) {
        var session = ExecCall.attach(connection, execId, spec);
        session.awaitOpen(connection.deadline());
        return session;
    }

    public Exec get(String execId) {
        var request = GetExecRequest.newBuilder().setExecId(execId).build();
        return ExecMapper.exec(
                connection.unary(ExecServiceGrpc.getGetExecMethod(), request).getExec());
    }

    /**
     * Lists commands, newest first: those that run and those whose record is still kept. Pages are asked for as the stream
     * is read.
     *
     * @param container only of this one; null for all
     * @param states only those in one of these; none for all
     */
    public Stream<Exec> stream(@Nullable String container, Set<ExecState> states) {
        var pages = new Pages<Exec>(token -> page(container, states, token));
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(pages, 0), false);
    }

    private Pages.Page<Exec> page(@Nullable String container, Set<ExecState> states, String token) {
        var request = ListExecsRequest.newBuilder().setPageSize(PAGE_SIZE).setPageToken(token);
        if (container != null) {
            request.setContainer(container);
        }
        for (var state : states) {
            request.addStates(Values.toWire(dev.hawse.api.runtime.v1.ExecState.class, state, "EXEC_STATE_"));
        }
        var response = connection.unary(ExecServiceGrpc.getListExecsMethod(), request.build());
        return new Pages.Page<>(
                response.getExecsList().stream().map(ExecMapper::exec).toList(), response.getNextPageToken());
    }

    /**
     * Sends a signal to a running command, whether or not it reads its input. One that has ended is no failure.
     *
     * @param signal a name with or without "SIG", or a number
     */
    public void signal(String execId, String signal, SignalScope scope) {
        var request = SignalExecRequest.newBuilder()
                .setExecId(execId)
                .setSignal(ProcessMapper.signal(signal, scope))
                .build();
        connection.unary(ExecServiceGrpc.getSignalExecMethod(), request);
    }
}
