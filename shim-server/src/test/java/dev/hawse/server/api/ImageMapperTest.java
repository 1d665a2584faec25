package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.api.runtime.v1.LoadPhase;
import dev.hawse.runtime.Image;
import dev.hawse.runtime.ImageConfig;
import dev.hawse.runtime.ImageOperations.Removed;
import dev.hawse.runtime.RuntimeKind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImageMapperTest {

    private static final Instant TIME = Instant.ofEpochSecond(1, 2);

    @Test
    void imagesHaveAllOfTheirParts() {
        var config = new ImageConfig(
                List.of("e"),
                List.of("c"),
                List.of("A=1"),
                "/w",
                "u",
                "TERM",
                Map.of("l", "v"),
                List.of("80/tcp"),
                List.of("/data"));
        var out = ImageMapper.image(new Image(
                "n", "d", RuntimeKind.CONTAINERD, "linux/amd64", "cd", 5, TIME, TIME, config, List.of("l1", "l2")));

        assertThat(out.getName()).isEqualTo("n");
        assertThat(out.getDigest()).isEqualTo("d");
        assertThat(out.getRuntime()).isEqualTo(dev.hawse.api.runtime.v1.RuntimeKind.RUNTIME_KIND_CONTAINERD);
        assertThat(out.getPlatform()).isEqualTo("linux/amd64");
        assertThat(out.getConfigDigest()).isEqualTo("cd");
        assertThat(out.getSizeBytes()).isEqualTo(5);
        assertThat(out.getBuiltAt()).isEqualTo(Times.timestamp(TIME));
        assertThat(out.getUpdatedAt()).isEqualTo(Times.timestamp(TIME));
        assertThat(out.getLayerDigestsList()).containsExactly("l1", "l2");
        assertThat(out.getConfig().getEntrypointList()).containsExactly("e");
        assertThat(out.getConfig().getCmdList()).containsExactly("c");
        assertThat(out.getConfig().getEnvList()).containsExactly("A=1");
        assertThat(out.getConfig().getWorkingDir()).isEqualTo("/w");
        assertThat(out.getConfig().getUser()).isEqualTo("u");
        assertThat(out.getConfig().getStopSignal()).isEqualTo("TERM");
        assertThat(out.getConfig().getLabelsMap()).containsExactly(Map.entry("l", "v"));
        assertThat(out.getConfig().getExposedPortsList()).containsExactly("80/tcp");
        assertThat(out.getConfig().getVolumesList()).containsExactly("/data");
    }

    @Test
    void anImageThatDoesNotSayWhenItWasBuiltHasNoSuchTime() {
        var image = new Image(
                "n", "d", RuntimeKind.DOCKER, "linux/amd64", "cd", 5, null, TIME, ImageConfig.EMPTY, List.of());

        assertThat(ImageMapper.image(image).hasBuiltAt()).isFalse();
    }

    @Test
    void removalsAndProgressAreTold() {
        var removed = ImageMapper.removed(new Removed(List.of("n"), List.of("d")));
        var reading = ImageMapper.reading(9);
        var unpacking = ImageMapper.unpacking("i", "l", 1, 3);

        assertThat(removed.getUntaggedList()).containsExactly("n");
        assertThat(removed.getDeletedList()).containsExactly("d");
        assertThat(reading.getPhase()).isEqualTo(LoadPhase.LOAD_PHASE_READING);
        assertThat(reading.getDone()).isEqualTo(9);
        assertThat(unpacking.getPhase()).isEqualTo(LoadPhase.LOAD_PHASE_UNPACKING);
        assertThat(unpacking.getTotal()).isEqualTo(3);
    }
}
