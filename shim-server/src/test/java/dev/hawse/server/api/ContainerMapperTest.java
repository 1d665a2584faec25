package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import dev.hawse.api.runtime.v1.OutputStream;
import dev.hawse.api.runtime.v1.StreamLogsRequest;
import dev.hawse.runtime.Container;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerOperations.Created;
import dev.hawse.runtime.ContainerOperations.Stopped;
import dev.hawse.runtime.ContainerProcess;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ContainerState;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.LogQuery;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.RuntimeKind;
import dev.hawse.runtime.WaitCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ContainerMapperTest {

    private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.000000006Z");
    private static final ContainerId ID = new ContainerId("ab".repeat(32));

    private static Container container(@Nullable Instant time, @Nullable ExitOutcome exit) {
        return new Container(
                ID,
                "box",
                RuntimeKind.CONTAINERD,
                "hawse",
                "docker.io/library/busybox:latest",
                "sha256:1",
                ContainerState.EXITED,
                4_000_000_000L,
                TIME,
                time,
                time,
                exit,
                true,
                Map.of("k", "v"),
                ContainerSpec.builder("busybox").build());
    }

    @Test
    void containersHaveAllOfTheirParts() {
        var out = ContainerMapper.container(container(TIME, new ExitOutcome.Code(7)));

        assertThat(out.getId()).isEqualTo(ID.value());
        assertThat(out.getName()).isEqualTo("box");
        assertThat(out.getRuntime()).isEqualTo(dev.hawse.api.runtime.v1.RuntimeKind.RUNTIME_KIND_CONTAINERD);
        assertThat(out.getNamespace()).isEqualTo("hawse");
        assertThat(out.getImage()).isEqualTo("docker.io/library/busybox:latest");
        assertThat(out.getImageDigest()).isEqualTo("sha256:1");
        assertThat(Integer.toUnsignedLong(out.getPid())).isEqualTo(4_000_000_000L);
        assertThat(out.getCreatedAt()).isEqualTo(Times.timestamp(TIME));
        assertThat(out.getStartedAt()).isEqualTo(Times.timestamp(TIME));
        assertThat(out.getFinishedAt()).isEqualTo(Times.timestamp(TIME));
        assertThat(out.getExit().getCode()).isEqualTo(7);
        assertThat(out.getOomKilled()).isTrue();
        assertThat(out.getLabelsMap()).containsExactly(Map.entry("k", "v"));
        assertThat(out.getSpec().getImage()).isEqualTo("busybox");
    }

    @Test
    void aContainerThatNeverRanHasNeitherTimesNorExit() {
        var out = ContainerMapper.container(container(null, null));

        assertThat(out.hasStartedAt()).isFalse();
        assertThat(out.hasFinishedAt()).isFalse();
        assertThat(out.hasExit()).isFalse();
    }

    @Test
    void answersHoldTheContainerAndWhatIsSaidOfIt() {
        var c = container(null, null);

        assertThat(ContainerMapper.created(new Created(c, List.of("w"))).getWarningsList())
                .containsExactly("w");
        assertThat(ContainerMapper.stopped(new Stopped(c, true)).getKilled()).isTrue();
        assertThat(ContainerMapper.waited(null).hasExited()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(ContainerState.class)
    void statesComeBack(ContainerState state) {
        assertThat(ContainerMapper.state(state).name()).isEqualTo("CONTAINER_STATE_" + state.name());
        assertThat(ContainerMapper.state("s", ContainerMapper.state(state))).isEqualTo(state);
    }

    @ParameterizedTest
    @EnumSource(
            value = dev.hawse.api.runtime.v1.ContainerState.class,
            names = {"CONTAINER_STATE_UNSPECIFIED", "UNRECOGNIZED"})
    void statesThatMeanNothingAreRefused(dev.hawse.api.runtime.v1.ContainerState state) {
        Invalid.field("s", () -> ContainerMapper.state("s", state));
    }

    @ParameterizedTest
    @EnumSource(
            value = dev.hawse.api.runtime.v1.WaitCondition.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"WAIT_CONDITION_UNSPECIFIED", "UNRECOGNIZED"})
    void conditionsHaveTheirNames(dev.hawse.api.runtime.v1.WaitCondition condition) {
        assertThat("WAIT_CONDITION_" + ContainerMapper.condition(condition).name())
                .isEqualTo(condition.name());
    }

    @Test
    void noConditionIsNotRunningAndAnUnknownOneIsRefused() {
        assertThat(ContainerMapper.condition(dev.hawse.api.runtime.v1.WaitCondition.WAIT_CONDITION_UNSPECIFIED))
                .isEqualTo(WaitCondition.NOT_RUNNING);
        Invalid.field(
                "condition", () -> ContainerMapper.condition(dev.hawse.api.runtime.v1.WaitCondition.UNRECOGNIZED));
    }

    @Test
    void processesHaveAllOfTheirParts() {
        var exec = ExecId.random();
        var p = new ContainerProcess(5, 4, 1000, List.of("sh"), TIME, Duration.ofMillis(30), 4096, "S", exec);

        var out = ContainerMapper.process(p);

        assertThat(out.getPid()).isEqualTo(5);
        assertThat(out.getParentPid()).isEqualTo(4);
        assertThat(out.getUid()).isEqualTo(1000);
        assertThat(out.getArgsList()).containsExactly("sh");
        assertThat(out.getStartedAt()).isEqualTo(Times.timestamp(TIME));
        assertThat(out.getCpuTime()).isEqualTo(Times.duration(Duration.ofMillis(30)));
        assertThat(out.getResidentBytes()).isEqualTo(4096);
        assertThat(out.getState()).isEqualTo("S");
        assertThat(out.getExecId()).isEqualTo(exec.value());
    }

    @Test
    void aWishForLogsIsRead() {
        var all = ContainerMapper.logQuery(StreamLogsRequest.getDefaultInstance());
        var some = ContainerMapper.logQuery(StreamLogsRequest.newBuilder()
                .setFollow(true)
                .setSince(Timestamp.newBuilder().setSeconds(1))
                .setUntil(Timestamp.newBuilder().setSeconds(2))
                .setTail(0)
                .addStreams(OutputStream.OUTPUT_STREAM_STDERR)
                .build());

        assertThat(all).isEqualTo(LogQuery.ALL);
        assertThat(some)
                .isEqualTo(new LogQuery(
                        true, Instant.ofEpochSecond(1), Instant.ofEpochSecond(2), 0L, Set.of(OutputKind.STDERR)));
    }

    @Test
    void aWishForLogsThatMeansNothingIsRefused() {
        Invalid.field(
                "since",
                () -> ContainerMapper.logQuery(StreamLogsRequest.newBuilder()
                        .setSince(Timestamp.newBuilder().setNanos(-1))
                        .build()));
        Invalid.field(
                "streams[1]",
                () -> ContainerMapper.logQuery(StreamLogsRequest.newBuilder()
                        .addStreams(OutputStream.OUTPUT_STREAM_STDOUT)
                        .addStreamsValue(9)
                        .build()));
    }
}
