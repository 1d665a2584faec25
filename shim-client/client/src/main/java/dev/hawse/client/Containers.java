package dev.hawse.client;

import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.CreateContainerRequest;
import dev.hawse.api.runtime.v1.GetContainerRequest;
import dev.hawse.api.runtime.v1.KillContainerRequest;
import dev.hawse.api.runtime.v1.ListContainersRequest;
import dev.hawse.api.runtime.v1.ListProcessesRequest;
import dev.hawse.api.runtime.v1.PauseContainerRequest;
import dev.hawse.api.runtime.v1.RemoveContainerRequest;
import dev.hawse.api.runtime.v1.RenameContainerRequest;
import dev.hawse.api.runtime.v1.RestartContainerRequest;
import dev.hawse.api.runtime.v1.ResumeContainerRequest;
import dev.hawse.api.runtime.v1.StartContainerRequest;
import dev.hawse.api.runtime.v1.StopContainerRequest;
import dev.hawse.api.runtime.v1.WaitContainerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.Spliterators;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The containers of a server. Safe for use by any number of threads. Wherever a container is asked for, its id, a unique
 * prefix of it, or its name will do. Every method throws {@link HawseException}.
 */
public final class Containers {

    private static final int PAGE_SIZE = 100;

    private final Connection connection;

    Containers(Connection connection) {
        this.connection = connection;
    }

    /** Makes a container that is ready to be started. What a failed call made is undone. */
    public CreatedContainer create(ContainerSpec spec) {
        var response = connection.unary(
                ContainerServiceGrpc.getCreateContainerMethod(),
                CreateContainerRequest.newBuilder()
                        .setSpec(ContainerMapper.spec(spec))
                        .setRuntime(Values.runtime(spec.runtime()))
                        .build());
        return new CreatedContainer(ContainerMapper.container(response.getContainer()), response.getWarningsList());
    }

    /** Starts a container that was created or has exited. Starting a running one changes nothing. */
    public Container start(String container) {
        var request = StartContainerRequest.newBuilder().setContainer(container).build();
        return ContainerMapper.container(connection
                .unary(ContainerServiceGrpc.getStartContainerMethod(), request)
                .getContainer());
    }

    /**
     * Creates a container, starts it and connects to its main process; no byte between start and attach is lost. Returns
     * when it runs. A program that cannot be executed is no failure: the session's exit says so. Closing the session
     * leaves the container as it is, unless an option says otherwise; with {@link RunOption#REMOVE_AT_EXIT} the exit is
     * told when the container is gone.
     */
    public RunSession run(ContainerSpec spec, RunOption... options) {
        var session =
                RunCall.begin(connection, RunCall.request(spec, Set.of(options)).build());
        session.awaitOpen(connection.deadline());
        return session;
    }

    /**
     * Creates a container and starts it, and leaves it to itself. Returns when it runs. A container whose program cannot be
     * executed is removed again.
     *
     * @throws HawseException with {@link HawseException.Reason#OCI_RUNTIME_FAILED} when the program cannot be executed
     */
    public CreatedContainer runDetached(ContainerSpec spec, RunOption... options) {
        var wanted = Set.of(options);
        if (wanted.contains(RunOption.KILL_ON_CLOSE)) {
            throw new IllegalArgumentException("options: KILL_ON_CLOSE is not for a container that is left to itself");
        }
        var request = RunCall.request(spec, wanted).setDetach(true).build();
        try (var session = RunCall.begin(connection, request)) {
            try {
                session.awaitOpen(connection.deadline());
                session.checkStarted();
            } catch (HawseException e) {
                removeAfter(e, session.containerId());
                throw e;
            }
            return new CreatedContainer(session.container(), session.warnings());
        }
    }

    private void removeAfter(HawseException failure, String id) {
        if (!id.isEmpty()) {
            try {
                remove(id, true);
            } catch (HawseException e) {
                if (e.code() != HawseException.Code.NOT_FOUND) {
                    failure.addSuppressed(e);
                }
            }
        }
    }

    /** Connects to the main process of a running container, from now on. Closing the session changes nothing for it. */
    public AttachSession attach(String container, AttachSpec spec) {
        var session = AttachCall.begin(connection, container, spec);
        session.awaitOpen(connection.deadline());
        return session;
    }

    /**
     * Asks the main process to end and kills the whole container when it has not after the container's own grace time.
     * Returns when it has ended. Stopping a container that does not run is no failure.
     */
    public StoppedContainer stop(String container) {
        return stop(container, null, "");
    }

    /**
     * As {@link #stop(String)}, with another grace time or another signal.
     *
     * @param grace zero kills at once; null for the container's own
     * @param signal sent first; empty for the container's own
     */
    public StoppedContainer stop(String container, @Nullable Duration grace, String signal) {
        var request = StopContainerRequest.newBuilder().setContainer(container).setSignal(signal);
        if (grace != null) {
            request.setGrace(Values.duration(grace));
        }
        var response = connection.unary(ContainerServiceGrpc.getStopContainerMethod(), request.build(), beyond(grace));
        return new StoppedContainer(ContainerMapper.container(response.getContainer()), response.getKilled());
    }

    /** Sends SIGKILL to the main process. */
    public void kill(String container) {
        kill(container, "KILL", false);
    }

    /**
     * Sends a signal to the main process.
     *
     * @param signal a name with or without "SIG", or a number
     * @param all whether every process of the container gets it, not only the main one
     */
    public void kill(String container, String signal, boolean all) {
        var request = KillContainerRequest.newBuilder()
                .setContainer(container)
                .setSignal(signal)
                .setAll(all)
                .build();
        connection.unary(ContainerServiceGrpc.getKillContainerMethod(), request);
    }

    /** Stops and starts again, with the same id, name and root file system. */
    public Container restart(String container) {
        return restart(container, null, "");
    }

    /** As {@link #restart(String)}, with the grace time and signal of {@link #stop(String, Duration, String)}. */
    public Container restart(String container, @Nullable Duration grace, String signal) {
        var request =
                RestartContainerRequest.newBuilder().setContainer(container).setSignal(signal);
        if (grace != null) {
            request.setGrace(Values.duration(grace));
        }
        return ContainerMapper.container(connection
                .unary(ContainerServiceGrpc.getRestartContainerMethod(), request.build(), beyond(grace))
                .getContainer());
    }

    /** The usual time on top of the grace; none when the grace is the container's own, which may be a day. */
    private @Nullable Duration beyond(@Nullable Duration grace) {
        return grace == null ? null : connection.deadline().plus(grace);
    }

    /** Freezes every process of a running container. */
    public Container pause(String container) {
        var request = PauseContainerRequest.newBuilder().setContainer(container).build();
        return ContainerMapper.container(connection
                .unary(ContainerServiceGrpc.getPauseContainerMethod(), request)
                .getContainer());
    }

    /** Lets a paused container go on. */
    public Container resume(String container) {
        var request =
                ResumeContainerRequest.newBuilder().setContainer(container).build();
        return ContainerMapper.container(connection
                .unary(ContainerServiceGrpc.getResumeContainerMethod(), request)
                .getContainer());
    }

    /** Removes a container that does not run, with its root file system and logs. */
    public void remove(String container) {
        remove(container, false);
    }

    /**
     * Removes a container with its root file system and logs.
     *
     * @param force whether to kill it first when it runs; else a running one is refused
     * @return the id of the container that is gone
     */
    public String remove(String container, boolean force) {
        var request = RemoveContainerRequest.newBuilder()
                .setContainer(container)
                .setForce(force)
                .build();
        return connection
                .unary(ContainerServiceGrpc.getRemoveContainerMethod(), request)
                .getId();
    }

    /** Gives a container another name. */
    public Container rename(String container, String name) {
        var request = RenameContainerRequest.newBuilder()
                .setContainer(container)
                .setName(name)
                .build();
        return ContainerMapper.container(connection
                .unary(ContainerServiceGrpc.getRenameContainerMethod(), request)
                .getContainer());
    }

    /** A container as it is now. */
    public Container get(String container) {
        var request = GetContainerRequest.newBuilder().setContainer(container).build();
        return ContainerMapper.container(connection
                .unary(ContainerServiceGrpc.getGetContainerMethod(), request)
                .getContainer());
    }

    /**
     * The containers that a filter lets through, newest first. Every iteration asks the server anew, page by page as it
     * goes on; containers made meanwhile do not appear.
     */
    public Iterable<Container> list(ContainerFilter filter) {
        var request = ListContainersRequest.newBuilder()
                .setFilter(ContainerMapper.filter(filter))
                .setPageSize(PAGE_SIZE)
                .build();
        return () -> new Pages<>(token -> {
            var page = connection.unary(
                    ContainerServiceGrpc.getListContainersMethod(),
                    request.toBuilder().setPageToken(token).build());
            return new Pages.Page<>(
                    page.getContainersList().stream()
                            .map(ContainerMapper::container)
                            .toList(),
                    page.getNextPageToken());
        });
    }

    /** As {@link #list}, as a stream. */
    public Stream<Container> stream(ContainerFilter filter) {
        var pages = list(filter).iterator();
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(pages, 0), false);
    }

    /** Waits until a container does not run, without time limit; empty when its main process never ran. */
    public Optional<ProcessExit> waitFor(String container) {
        return waitFor(container, WaitCondition.NOT_RUNNING);
    }

    /** Waits for a container, without time limit; empty when its main process never ran. */
    public Optional<ProcessExit> waitFor(String container, WaitCondition condition) {
        var request = WaitContainerRequest.newBuilder()
                .setContainer(container)
                .setCondition(Values.toWire(dev.hawse.api.runtime.v1.WaitCondition.class, condition, "WAIT_CONDITION_"))
                .build();
        var response = connection.unary(ContainerServiceGrpc.getWaitContainerMethod(), request, null);
        return response.hasExited() ? Optional.of(ProcessMapper.exit(response.getExited())) : Optional.empty();
    }

    /** The processes in a running container, by process id. */
    public List<ContainerProcess> processes(String container) {
        var request = ListProcessesRequest.newBuilder().setContainer(container).build();
        return connection.unary(ContainerServiceGrpc.getListProcessesMethod(), request).getProcessesList().stream()
                .map(ContainerMapper::process)
                .toList();
    }

    /** What the main process wrote. The stream is to be closed. */
    public RecordStream<LogRecord> logs(String container, LogQuery query) {
        return connection
                .serverStream(ContainerServiceGrpc.getStreamLogsMethod(), ProcessMapper.logs(container, query))
                .map(ProcessMapper::log);
    }
}
