package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.api.runtime.v1.TmpfsMount;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.Mount;
import dev.hawse.runtime.NetworkMode;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.Resources;
import dev.hawse.runtime.Rlimit;
import dev.hawse.runtime.SeccompMode;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.TerminalSize;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class SpecMapperTest {

    static Stream<ContainerSpec> specs() {
        return Stream.of(
                ContainerSpec.builder("busybox").build(),
                ContainerSpec.builder("busybox").entrypoint(List.of()).build(),
                everything().build(),
                everything().network(NetworkMode.HOST).hostname("").build(),
                everything().seccomp(SeccompMode.UNCONFINED).build());
    }

    private static ContainerSpec.Builder everything() {
        return ContainerSpec.builder("docker.io/library/busybox:1.36")
                .name("box-1")
                .entrypoint(List.of("/bin/sh"))
                .args("-c", "echo")
                .env(Map.of("A", "b=c"))
                .workingDir("/srv")
                .user("1000:users")
                .io(new ProcessIo(true, new TerminalSize(132, 43)))
                .hostname("box")
                .readOnlyRoot(true)
                .resources(new Resources(64L << 20, 128L << 20, 500L, 512L, "0-1", 100))
                .mounts(List.of(
                        new Mount.Bind("/a", "/srv/a", true),
                        new Mount.Bind("/b", "/srv/b", false),
                        new Mount.Tmpfs("/t", 4096L, 0700),
                        new Mount.Tmpfs("/u", null, null)))
                .capAdd(List.of("SYS_PTRACE"))
                .capDrop(List.of("ALL"))
                .noNewPrivileges(true)
                .rlimits(List.of(new Rlimit("nofile", 1024, -1)))
                .labels(Map.of("k", "v"))
                .ociRuntime("crun")
                .stopSignal(Signal.parse("RTMIN+3"))
                .stopGrace(Duration.ofMillis(1500));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void specsComeBack(ContainerSpec spec) {
        assertThat(SpecMapper.spec(SpecMapper.spec(spec))).isEqualTo(spec);
    }

    @Test
    void nothingSetIsTheDefault() {
        var spec = SpecMapper.spec(dev.hawse.api.runtime.v1.ContainerSpec.newBuilder()
                .setImage("busybox")
                .build());

        assertThat(spec).isEqualTo(ContainerSpec.builder("busybox").build());
        assertThat(spec.entrypoint()).isNull();
        assertThat(spec.stopGrace()).isEqualTo(Duration.ofSeconds(10));
        assertThat(spec.resources().pidsLimit()).isEqualTo(4096);
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                refused("image", b -> b.setImage("")),
                refused("io.size", b -> b.getIoBuilder().getSizeBuilder().setColumns(1)),
                refused(
                        "io.size.rows",
                        b -> b.getIoBuilder().setTerminal(true).getSizeBuilder().setColumns(1)),
                refused("resources.memory_bytes", b -> b.getResourcesBuilder().setMemoryBytes(-1)),
                refused("resources.memory_bytes", b -> b.getResourcesBuilder().setMemoryBytes(0)),
                refused("resources.pids_limit", b -> b.getResourcesBuilder().setPidsLimit(0)),
                refused("mounts[0]", b -> b.addMountsBuilder().setTarget("/x")),
                refused(
                        "mounts[0].tmpfs.mode",
                        b -> b.addMountsBuilder()
                                .setTarget("/x")
                                .setTmpfs(TmpfsMount.newBuilder().setMode(-1))),
                refused("stop_signal", b -> b.setStopSignal("NOPE")),
                refused("stop_grace", b -> b.getStopGraceBuilder().setSeconds(-1)),
                refused("stop_grace", b -> b.getStopGraceBuilder().setSeconds(1).setNanos(-1)),
                refused("network", b -> b.setNetworkValue(77)),
                refused("labels[hawse.dev/x]", b -> b.putLabels("hawse.dev/x", "")));
    }

    private static Arguments refused(String field, Consumer<dev.hawse.api.runtime.v1.ContainerSpec.Builder> with) {
        return Arguments.of(field, with);
    }

    @ParameterizedTest
    @MethodSource("refused")
    void whatIsWrongIsRefusedForItsField(String field, Consumer<dev.hawse.api.runtime.v1.ContainerSpec.Builder> with) {
        var spec = dev.hawse.api.runtime.v1.ContainerSpec.newBuilder().setImage("busybox");
        with.accept(spec);

        Invalid.field(field, () -> SpecMapper.spec(spec.build()));
    }

    @ParameterizedTest
    @EnumSource(NetworkMode.class)
    void networkModesComeBack(NetworkMode mode) {
        assertThat(SpecMapper.network(SpecMapper.network(mode))).isEqualTo(mode);
        assertThat(SpecMapper.network(mode).name()).isEqualTo("NETWORK_MODE_" + mode.name());
    }
}
