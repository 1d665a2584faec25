package dev.hawse.client;

/** What else is to happen to a container that {@link Containers#run} or {@link Containers#runDetached} starts. */
public enum RunOption {
    /** It is removed when its main process has ended, whoever watches then. */
    REMOVE_AT_EXIT,
    /** It is killed when the session is closed, or this program is gone, before its end. Not for detached runs. */
    KILL_ON_CLOSE
}
