package dev.hawse.runtime;

/** Why a process could not be started. */
public enum SpawnFailureKind {
    NOT_FOUND(127),
    NOT_EXECUTABLE(126),
    BAD_WORKING_DIR(126),
    OTHER(126);

    private final int shellCode;

    SpawnFailureKind(int shellCode) {
        this.shellCode = shellCode;
    }

    /** What a shell would exit with. */
    public int shellCode() {
        return shellCode;
    }
}
