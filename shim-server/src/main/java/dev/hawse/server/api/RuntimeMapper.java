package dev.hawse.server.api;

import dev.hawse.api.runtime.v1.EventType;
import dev.hawse.api.runtime.v1.Runtime;
import dev.hawse.runtime.Capability;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.RuntimeInfo;
import dev.hawse.runtime.RuntimeKind;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Engines and what happens on them, between the API and the port. Pure functions. */
final class RuntimeMapper {

    private RuntimeMapper() {}

    /** What a request says of the engine; null for the active one. */
    static @Nullable RuntimeKind kind(String field, dev.hawse.api.runtime.v1.RuntimeKind kind) {
        return switch (kind) {
            case RUNTIME_KIND_UNSPECIFIED -> null;
            case RUNTIME_KIND_CONTAINERD -> RuntimeKind.CONTAINERD;
            case RUNTIME_KIND_DOCKER -> RuntimeKind.DOCKER;
            case UNRECOGNIZED -> throw unknown(field, "CONTAINERD, DOCKER");
        };
    }

    static dev.hawse.api.runtime.v1.RuntimeKind kind(RuntimeKind kind) {
        return switch (kind) {
            case CONTAINERD -> dev.hawse.api.runtime.v1.RuntimeKind.RUNTIME_KIND_CONTAINERD;
            case DOCKER -> dev.hawse.api.runtime.v1.RuntimeKind.RUNTIME_KIND_DOCKER;
        };
    }

    static dev.hawse.api.runtime.v1.Capability capability(Capability capability) {
        return switch (capability) {
            case CONTAINERS -> dev.hawse.api.runtime.v1.Capability.CAPABILITY_CONTAINERS;
            case EXEC -> dev.hawse.api.runtime.v1.Capability.CAPABILITY_EXEC;
            case ATTACH -> dev.hawse.api.runtime.v1.Capability.CAPABILITY_ATTACH;
            case LOGS -> dev.hawse.api.runtime.v1.Capability.CAPABILITY_LOGS;
            case PAUSE -> dev.hawse.api.runtime.v1.Capability.CAPABILITY_PAUSE;
            case EVENTS -> dev.hawse.api.runtime.v1.Capability.CAPABILITY_EVENTS;
            case IMAGES -> dev.hawse.api.runtime.v1.Capability.CAPABILITY_IMAGES;
            case RESOURCE_LIMITS -> dev.hawse.api.runtime.v1.Capability.CAPABILITY_RESOURCE_LIMITS;
            case SECCOMP -> dev.hawse.api.runtime.v1.Capability.CAPABILITY_SECCOMP;
        };
    }

    static Runtime runtime(RuntimeInfo info, boolean active) {
        var runtime = Runtime.newBuilder()
                .setKind(kind(info.kind()))
                .setEndpoint(info.endpoint())
                .setActive(active)
                .setAvailable(info.available())
                .setVersion(info.version())
                .setNamespace(info.namespace())
                .setSnapshotter(info.snapshotter())
                .addAllOciRuntimes(info.ociRuntimes());
        info.capabilities().stream().sorted().map(RuntimeMapper::capability).forEach(runtime::addCapabilities);
        if (info.unavailableReason() != null) {
            runtime.setUnavailableReason(info.unavailableReason());
        }
        if (info.latency().compareTo(Duration.ZERO) > 0) {
            runtime.setLatency(Times.duration(info.latency()));
        }
        return runtime.build();
    }

    static EventType eventType(RuntimeEvent.Type type) {
        return switch (type) {
            case CONTAINER_CREATED -> EventType.EVENT_TYPE_CONTAINER_CREATED;
            case CONTAINER_STARTED -> EventType.EVENT_TYPE_CONTAINER_STARTED;
            case CONTAINER_EXITED -> EventType.EVENT_TYPE_CONTAINER_EXITED;
            case CONTAINER_PAUSED -> EventType.EVENT_TYPE_CONTAINER_PAUSED;
            case CONTAINER_RESUMED -> EventType.EVENT_TYPE_CONTAINER_RESUMED;
            case CONTAINER_OOM -> EventType.EVENT_TYPE_CONTAINER_OOM;
            case CONTAINER_UPDATED -> EventType.EVENT_TYPE_CONTAINER_UPDATED;
            case CONTAINER_REMOVED -> EventType.EVENT_TYPE_CONTAINER_REMOVED;
            case EXEC_STARTED -> EventType.EVENT_TYPE_EXEC_STARTED;
            case EXEC_EXITED -> EventType.EVENT_TYPE_EXEC_EXITED;
            case IMAGE_UPDATED -> EventType.EVENT_TYPE_IMAGE_UPDATED;
            case IMAGE_REMOVED -> EventType.EVENT_TYPE_IMAGE_REMOVED;
        };
    }

    static RuntimeEvent.Type eventType(String field, EventType type) {
        return switch (type) {
            case EVENT_TYPE_CONTAINER_CREATED -> RuntimeEvent.Type.CONTAINER_CREATED;
            case EVENT_TYPE_CONTAINER_STARTED -> RuntimeEvent.Type.CONTAINER_STARTED;
            case EVENT_TYPE_CONTAINER_EXITED -> RuntimeEvent.Type.CONTAINER_EXITED;
            case EVENT_TYPE_CONTAINER_PAUSED -> RuntimeEvent.Type.CONTAINER_PAUSED;
            case EVENT_TYPE_CONTAINER_RESUMED -> RuntimeEvent.Type.CONTAINER_RESUMED;
            case EVENT_TYPE_CONTAINER_OOM -> RuntimeEvent.Type.CONTAINER_OOM;
            case EVENT_TYPE_CONTAINER_UPDATED -> RuntimeEvent.Type.CONTAINER_UPDATED;
            case EVENT_TYPE_CONTAINER_REMOVED -> RuntimeEvent.Type.CONTAINER_REMOVED;
            case EVENT_TYPE_EXEC_STARTED -> RuntimeEvent.Type.EXEC_STARTED;
            case EVENT_TYPE_EXEC_EXITED -> RuntimeEvent.Type.EXEC_EXITED;
            case EVENT_TYPE_IMAGE_UPDATED -> RuntimeEvent.Type.IMAGE_UPDATED;
            case EVENT_TYPE_IMAGE_REMOVED -> RuntimeEvent.Type.IMAGE_REMOVED;
            case EVENT_TYPE_UNSPECIFIED, UNRECOGNIZED -> throw unknown(field, "the types of EventType but UNSPECIFIED");
        };
    }

    static dev.hawse.api.runtime.v1.Event event(long sequence, RuntimeEvent event) {
        var out = dev.hawse.api.runtime.v1.Event.newBuilder()
                .setSequence(sequence)
                .setTime(Times.timestamp(event.time()))
                .setType(eventType(event.type()))
                .setRuntime(kind(event.runtime()));
        if (event.containerId() != null) {
            out.setContainerId(event.containerId());
        }
        if (event.execId() != null) {
            out.setExecId(event.execId());
        }
        if (event.image() != null) {
            out.setImage(event.image());
        }
        if (event.exit() != null) {
            out.setExit(ProcessMapper.outcome(event.exit()));
        }
        return out.build();
    }

    /** A number of an enum that this server does not know, or that means nothing here. */
    static RuntimeFailure unknown(String field, String allowed) {
        return RuntimeFailure.invalid(field, "is no known value, allowed are " + allowed);
    }
}
