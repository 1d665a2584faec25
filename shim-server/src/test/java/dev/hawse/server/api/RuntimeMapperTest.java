package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.api.runtime.v1.EventType;
import dev.hawse.runtime.Capability;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeInfo;
import dev.hawse.runtime.RuntimeKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RuntimeMapperTest {

    @ParameterizedTest
    @EnumSource(RuntimeKind.class)
    void kindsComeBack(RuntimeKind kind) {
        assertThat(RuntimeMapper.kind("runtime", RuntimeMapper.kind(kind))).isEqualTo(kind);
        assertThat(RuntimeMapper.kind(kind).name()).isEqualTo("RUNTIME_KIND_" + kind.name());
    }

    @Test
    void noKindIsTheActiveOneAndAnUnknownOneIsRefused() {
        assertThat(RuntimeMapper.kind("runtime", dev.hawse.api.runtime.v1.RuntimeKind.RUNTIME_KIND_UNSPECIFIED))
                .isNull();
        Invalid.field(
                "runtime", () -> RuntimeMapper.kind("runtime", dev.hawse.api.runtime.v1.RuntimeKind.UNRECOGNIZED));
    }

    @ParameterizedTest
    @EnumSource(Capability.class)
    void capabilitiesHaveTheirNames(Capability capability) {
        assertThat(RuntimeMapper.capability(capability).name()).isEqualTo("CAPABILITY_" + capability.name());
    }

    @ParameterizedTest
    @EnumSource(RuntimeEvent.Type.class)
    void eventTypesComeBack(RuntimeEvent.Type type) {
        assertThat(RuntimeMapper.eventType(type).name()).isEqualTo("EVENT_TYPE_" + type.name());
        assertThat(RuntimeMapper.eventType("types[0]", RuntimeMapper.eventType(type)))
                .isEqualTo(type);
    }

    @ParameterizedTest
    @EnumSource(
            value = EventType.class,
            names = {"EVENT_TYPE_UNSPECIFIED", "UNRECOGNIZED"})
    void eventTypesThatMeanNothingAreRefused(EventType type) {
        Invalid.field("types[3]", () -> RuntimeMapper.eventType("types[3]", type));
    }

    @Test
    void anEngineThatAnswersIsAvailable() {
        var info = new RuntimeInfo(
                RuntimeKind.CONTAINERD,
                "unix:/run/c.sock",
                "1.6.20",
                null,
                Duration.ofMillis(3),
                Set.of(Capability.EXEC, Capability.CONTAINERS),
                "hawse",
                "overlayfs",
                List.of("runc", "crun"));

        var runtime = RuntimeMapper.runtime(info, true);

        assertThat(runtime.getAvailable()).isTrue();
        assertThat(runtime.getActive()).isTrue();
        assertThat(runtime.getUnavailableReason()).isEmpty();
        assertThat(runtime.getLatency()).isEqualTo(Times.duration(Duration.ofMillis(3)));
        assertThat(runtime.getCapabilitiesList())
                .containsExactly(
                        dev.hawse.api.runtime.v1.Capability.CAPABILITY_CONTAINERS,
                        dev.hawse.api.runtime.v1.Capability.CAPABILITY_EXEC);
        assertThat(runtime.getOciRuntimesList()).containsExactly("runc", "crun");
        assertThat(runtime.getEndpoint()).isEqualTo("unix:/run/c.sock");
        assertThat(runtime.getSnapshotter()).isEqualTo("overlayfs");
        assertThat(runtime.getNamespace()).isEqualTo("hawse");
        assertThat(runtime.getVersion()).isEqualTo("1.6.20");
    }

    @Test
    void anEngineThatDoesNotAnswerSaysWhy() {
        var info = new RuntimeInfo(
                RuntimeKind.DOCKER, "unix:/d", "", "it is off", Duration.ZERO, Set.of(), "", "", List.of());

        var runtime = RuntimeMapper.runtime(info, false);

        assertThat(runtime.getAvailable()).isFalse();
        assertThat(runtime.getUnavailableReason()).isEqualTo("it is off");
        assertThat(runtime.hasLatency()).isFalse();
    }

    @Test
    void eventsHoldWhatTheyAreAbout() {
        var time = Instant.parse("2026-01-02T03:04:05.6Z");
        var exit = RuntimeMapper.event(
                7,
                new RuntimeEvent(
                        RuntimeEvent.Type.EXEC_EXITED,
                        RuntimeKind.CONTAINERD,
                        time,
                        "c",
                        "e",
                        null,
                        new ExitOutcome.Code(3)));
        var image = RuntimeMapper.event(
                8,
                new RuntimeEvent(
                        RuntimeEvent.Type.IMAGE_REMOVED, RuntimeKind.CONTAINERD, time, null, null, "i:1", null));

        assertThat(exit.getSequence()).isEqualTo(7);
        assertThat(exit.getContainerId()).isEqualTo("c");
        assertThat(exit.getExecId()).isEqualTo("e");
        assertThat(exit.getExit().getCode()).isEqualTo(3);
        assertThat(exit.getTime()).isEqualTo(Times.timestamp(time));
        assertThat(image.getImage()).isEqualTo("i:1");
        assertThat(image.hasExit()).isFalse();
        assertThat(image.getContainerId()).isEmpty();
    }
}
