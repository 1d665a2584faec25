package dev.hawse.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawse.runtime.BindPolicy;
import dev.hawse.runtime.Capability;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.testing.PortExec;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A containerd that is not there, or does not answer. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class ContainerdAwayIT {

    @TempDir
    Path dir;

    private ContainerdRuntime open() throws IOException {
        return ContainerdRuntime.open(
                new ContainerdSettings(
                        dir.resolve("containerd.sock"),
                        "hawse-it-away",
                        "auto",
                        Map.of("runc", "runc"),
                        dir.resolve("fifo"),
                        ContainerdEngine.logs(dir),
                        BindPolicy.everything(),
                        8,
                        Duration.ofSeconds(2)),
                List.of());
    }

    private static void unavailable(ThrowingCallable call) {
        var began = System.nanoTime();
        var failure = catchThrowableOfType(RuntimeFailure.class, call);
        assertThat(failure).isNotNull();
        assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(Reason.RUNTIME_UNAVAILABLE);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void everyCallSaysQuicklyThatItIsNotThere() throws IOException {
        try (var runtime = open()) {
            unavailable(() -> runtime.containers().list());
            unavailable(() -> runtime.containers().get("any"));
            unavailable(() -> runtime.containers()
                    .create(ContainerSpec.builder("any").args("true").build()));
            unavailable(() -> runtime.containers().start(ContainerId.random()));
            unavailable(() -> PortExec.ask(runtime.execs(), ContainerId.random(), ExecSpec.of("true")));
            unavailable(() -> runtime.images().list());
        }
    }

    @Test
    void probeSaysWhyAndWhatToDo() throws IOException {
        try (var runtime = open()) {
            var info = runtime.probe();
            assertThat(info.available()).isFalse();
            assertThat(info.unavailableReason())
                    .contains("there is no socket")
                    .contains(dir.resolve("containerd.sock").toString());
            assertThat(info.version()).isEmpty();
            assertThat(info.capabilities()).contains(Capability.EXEC);
            assertThat(info.ociRuntimes()).isEqualTo(List.of("runc"));
        }
    }

    @Test
    void probeOfWhoDoesNotAnswerTakesASecond() throws IOException {
        try (var deaf = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            deaf.bind(UnixDomainSocketAddress.of(dir.resolve("containerd.sock")));
            try (var runtime = open()) {
                var began = System.nanoTime();
                assertThat(runtime.probe().unavailableReason()).contains("does not answer");
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
            }
        }
    }

    @Test
    void closingOneThatNeverConnectedIsQuick() throws IOException {
        var began = System.nanoTime();
        open().close();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
    }
}
