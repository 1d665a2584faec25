package dev.hawse.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpawnFailuresTest {

    private static StatusRuntimeException unknown(String text) {
        return Status.UNKNOWN.withDescription(text).asRuntimeException();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cannot exec in a stopped state: unknown",
                "OCI runtime exec failed: exec failed: cannot exec in a paused container (use --ignore-paused to override)",
                "OCI runtime exec failed: exec failed: unable to create new parent process: namespace path: lstat"
                        + " /proc/3217/ns/ipc: no such file or directory: unknown",
            })
    void containerThatEndedMeanwhileIsRecognized(String text) {
        assertThat(SpawnFailures.saysNotRunning(unknown(text))).isTrue();
        assertThat(SpawnFailures.of(unknown(text))).isEmpty();
    }

    @Test
    void programThatIsNotThereIsNoEndOfTheContainer() {
        var e = unknown("OCI runtime exec failed: exec failed: unable to start container process: exec: \"/nope\":"
                + " stat /nope: no such file or directory: unknown");

        assertThat(SpawnFailures.saysNotRunning(e)).isFalse();
        assertThat(SpawnFailures.of(e)).isPresent();
    }
}
