package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.CreateContainerResponse;
import dev.hawse.api.runtime.v1.LogGap;
import dev.hawse.api.runtime.v1.StopContainerResponse;
import dev.hawse.api.runtime.v1.StreamLogsRequest;
import dev.hawse.api.runtime.v1.WaitContainerResponse;
import dev.hawse.runtime.Container;
import dev.hawse.runtime.ContainerOperations.Created;
import dev.hawse.runtime.ContainerOperations.Stopped;
import dev.hawse.runtime.ContainerProcess;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.WaitCondition;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/** Containers and their lives, between the API and the port. Pure functions. */
final class ContainerMapper {

    private ContainerMapper() {}

    static dev.hawse.api.runtime.v1.Container container(Container c) {
        var out = dev.hawse.api.runtime.v1.Container.newBuilder()
                .setId(c.id().value())
                .setName(c.name())
                .setRuntime(RuntimeMapper.kind(c.runtime()))
                .setNamespace(c.namespace())
                .setImage(c.image())
                .setImageDigest(c.imageDigest())
                .setState(state(c.state()))
                .setPid((int) c.pid())
                .setCreatedAt(Times.timestamp(c.createdAt()))
                .setOomKilled(c.oomKilled())
                .putAllLabels(c.labels())
                .setSpec(SpecMapper.spec(c.spec()));
        if (c.startedAt() != null) {
            out.setStartedAt(Times.timestamp(c.startedAt()));
        }
        if (c.finishedAt() != null) {
            out.setFinishedAt(Times.timestamp(c.finishedAt()));
        }
        if (c.exit() != null) {
            out.setExit(ProcessMapper.outcome(c.exit()));
        }
        return out.build();
    }

    static CreateContainerResponse created(Created created) {
        return CreateContainerResponse.newBuilder()
                .setContainer(container(created.container()))
                .addAllWarnings(created.warnings())
                .build();
    }

    static StopContainerResponse stopped(Stopped stopped) {
        return StopContainerResponse.newBuilder()
                .setContainer(container(stopped.container()))
                .setKilled(stopped.killed())
                .build();
    }

    static WaitContainerResponse waited(@Nullable ProcessExit exit) {
        var out = WaitContainerResponse.newBuilder();
        if (exit != null) {
            out.setExited(ProcessMapper.exited(exit));
        }
        return out.build();
    }

    static dev.hawse.api.runtime.v1.ContainerState state(ContainerState state) {
        return switch (state) {
            case CREATED -> dev.hawse.api.runtime.v1.ContainerState.CONTAINER_STATE_CREATED;
            case RUNNING -> dev.hawse.api.runtime.v1.ContainerState.CONTAINER_STATE_RUNNING;
            case PAUSED -> dev.hawse.api.runtime.v1.ContainerState.CONTAINER_STATE_PAUSED;
            case EXITED -> dev.hawse.api.runtime.v1.ContainerState.CONTAINER_STATE_EXITED;
            case UNKNOWN -> dev.hawse.api.runtime.v1.ContainerState.CONTAINER_STATE_UNKNOWN;
        };
    }

    static ContainerState state(String field, dev.hawse.api.runtime.v1.ContainerState state) {
        return switch (state) {
            case CONTAINER_STATE_CREATED -> ContainerState.CREATED;
            case CONTAINER_STATE_RUNNING -> ContainerState.RUNNING;
            case CONTAINER_STATE_PAUSED -> ContainerState.PAUSED;
            case CONTAINER_STATE_EXITED -> ContainerState.EXITED;
            case CONTAINER_STATE_UNKNOWN -> ContainerState.UNKNOWN;
            case CONTAINER_STATE_UNSPECIFIED, UNRECOGNIZED ->
                throw RuntimeMapper.unknown(field, "CREATED, RUNNING, PAUSED, EXITED, UNKNOWN");
        };
    }

    static WaitCondition condition(dev.hawse.api.runtime.v1.WaitCondition condition) {
        return switch (condition) {
            case WAIT_CONDITION_UNSPECIFIED, WAIT_CONDITION_NOT_RUNNING -> WaitCondition.NOT_RUNNING;
            case WAIT_CONDITION_NEXT_EXIT -> WaitCondition.NEXT_EXIT;
            case WAIT_CONDITION_REMOVED -> WaitCondition.REMOVED;
            case UNRECOGNIZED -> throw RuntimeMapper.unknown("condition", "NOT_RUNNING, NEXT_EXIT, REMOVED");
        };
    }

    static dev.hawse.api.runtime.v1.ContainerProcess process(ContainerProcess p) {
        var out = dev.hawse.api.runtime.v1.ContainerProcess.newBuilder()
                .setPid((int) p.pid())
                .setParentPid((int) p.parentPid())
                .setUid((int) p.uid())
                .addAllArgs(p.args())
                .setStartedAt(Times.timestamp(p.startedAt()))
                .setCpuTime(Times.duration(p.cpuTime()))
                .setResidentBytes(p.residentBytes())
                .setState(p.state());
        if (p.execId() != null) {
            out.setExecId(p.execId().value());
        }
        return out.build();
    }

    static LogQuery logQuery(StreamLogsRequest request) {
        var streams = EnumSet.noneOf(OutputKind.class);
        for (int i = 0; i < request.getStreamsCount(); i++) {
            streams.add(ProcessMapper.outputKind("streams[" + i + "]", request.getStreams(i)));
        }
        return new LogQuery(
                request.getFollow(),
                request.hasSince() ? Times.instant("since", request.getSince()) : null,
                request.hasUntil() ? Times.instant("until", request.getUntil()) : null,
                request.hasTail() ? Integer.toUnsignedLong(request.getTail()) : null,
                streams);
    }

    static LogGap logGap(dev.hawse.runtime.LogGap gap) {
        return LogGap.newBuilder()
                .setBytes(gap.bytes())
                .setCause(
                        switch (gap.cause()) {
                            case DISK_FULL -> LogGap.Cause.CAUSE_DISK_FULL;
                            case ROTATED -> LogGap.Cause.CAUSE_ROTATED;
                        })
                .build();
    }
}
