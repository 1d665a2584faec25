package dev.hawse.containerd;

import dev.hawse.containerd.api.types.task.Process;
import dev.hawse.runtime.ContainerState;

/** containerd's states of a task in the port's words. */
final class TaskStates {

    private TaskStates() {}

    /** Of a task that was started. One that has stopped counts as running until its end has been told and dealt with. */
    static ContainerState of(Process task) {
        return switch (task.getStatus()) {
            case CREATED, RUNNING, STOPPED -> ContainerState.RUNNING;
            case PAUSED, PAUSING -> ContainerState.PAUSED;
            case UNKNOWN, UNRECOGNIZED -> ContainerState.UNKNOWN;
        };
    }
}
