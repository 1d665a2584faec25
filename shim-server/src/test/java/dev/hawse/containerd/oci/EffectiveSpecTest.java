package dev.hawse.containerd.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ImageConfig;
import dev.hawse.runtime.NetworkMode;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Signal;
import dev.hawse.runtime.TerminalSize;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class EffectiveSpecTest {

    private static final ContainerId ID = new ContainerId("0123456789abcdef".repeat(4));
    private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** Docker's table of ENTRYPOINT and CMD, with what the creator adds. */
    static Stream<Arguments> commandLines() {
        return Stream.of(
                // image: entrypoint, command; asked: entrypoint, args; command line
                arguments(List.of(), List.of("sh"), null, List.of(), List.of("sh")),
                arguments(List.of(), List.of("sh"), null, List.of("ls"), List.of("ls")),
                arguments(List.of("e"), List.of(), null, List.of(), List.of("e")),
                arguments(List.of("e"), List.of("c", "d"), null, List.of(), List.of("e", "c", "d")),
                arguments(List.of("e"), List.of("c"), null, List.of("a"), List.of("e", "a")),
                arguments(List.of("e"), List.of("c"), List.of("x"), List.of(), List.of("x")),
                arguments(List.of("e"), List.of("c"), List.of("x", "y"), List.of("a"), List.of("x", "y", "a")),
                arguments(List.of("e"), List.of("c"), List.of(), List.of("a"), List.of("a")),
                arguments(List.of("e"), List.of("c"), List.of(""), List.of("a"), List.of("a")),
                arguments(List.of(""), List.of("c"), null, List.of(), List.of("c")));
    }

    @ParameterizedTest
    @MethodSource("commandLines")
    void commandLineFollowsDockersTable(
            List<String> imageEntrypoint,
            List<String> imageCmd,
            @Nullable List<String> entrypoint,
            List<String> args,
            List<String> expected) {
        var asked = ContainerSpec.builder("i").entrypoint(entrypoint).args(args).build();
        var image = new Image().entrypoint(imageEntrypoint).cmd(imageCmd).build();
        assertThat(EffectiveSpec.merge(asked, image, ID).commandLine()).isEqualTo(expected);
    }

    static Stream<Arguments> nothingToRun() {
        return Stream.of(
                arguments(List.of(), List.of(), null, List.of()),
                arguments(List.of("e"), List.of("c"), List.of(), List.of()),
                arguments(List.of("e"), List.of("c"), List.of(""), List.of()),
                arguments(List.of(), List.of("c"), null, List.of("")),
                arguments(List.of("", "e"), List.of(), null, List.of()));
    }

    @ParameterizedTest
    @MethodSource("nothingToRun")
    void nothingToRunIsRefused(
            List<String> imageEntrypoint, List<String> imageCmd, @Nullable List<String> entrypoint, List<String> args) {
        var asked = ContainerSpec.builder("i").entrypoint(entrypoint).args(args).build();
        var image = new Image().entrypoint(imageEntrypoint).cmd(imageCmd).build();
        assertThatThrownBy(() -> EffectiveSpec.merge(asked, image, ID))
                .isInstanceOf(RuntimeFailure.class)
                .hasMessageStartingWith("args: must name a program");
    }

    @Test
    void environmentIsTheImagesThenTheCreators() {
        var asked = spec().env(linked("B", "asked", "C", "3")).build();
        var merged = merge(asked, new Image().env("A=1", "B=image", "A=2", "EMPTY="));
        assertThat(merged.env()).containsExactly(PATH, "HOSTNAME=0123456789ab", "A=2", "B=asked", "EMPTY=", "C=3");
        assertThat(merged.spec().env()).containsEntry("B", "asked").containsEntry("EMPTY", "");
    }

    @Test
    void givenPathHostnameAndTermAreKept() {
        var asked = spec().io(new ProcessIo(true, TerminalSize.DEFAULT))
                .env(Map.of("TERM", "dumb"))
                .hostname("box")
                .build();
        assertThat(merge(asked, new Image().env("PATH=/bin")).env())
                .containsExactly("PATH=/bin", "HOSTNAME=box", "TERM=dumb");
    }

    @Test
    void terminalHasXterm() {
        var asked = spec().io(new ProcessIo(true, TerminalSize.DEFAULT)).build();
        assertThat(merge(asked, new Image()).env()).contains("TERM=xterm");
        assertThat(merge(spec().build(), new Image()).spec().env()).doesNotContainKey("TERM");
    }

    @Test
    void brokenEnvironmentOfAnImageIsLeftOutWithAWarning() {
        var merged = merge(spec().build(), new Image().env("NOTHING", "=x", "A=1", "N=a\0b"));
        assertThat(merged.env()).containsExactly(PATH, "HOSTNAME=0123456789ab", "A=1");
        assertThat(merged.warnings()).hasSize(3).first().asString().contains("NOTHING");
    }

    @ParameterizedTest
    @CsvSource({"'','',/", "'',/image,/image", "/asked,/image,/asked"})
    void workingDirIsTheCreatorsThenTheImages(String asked, String image, String expected) {
        var merged = merge(spec().workingDir(asked).build(), new Image().workingDir(image));
        assertThat(merged.spec().workingDir()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"'','',''", "'',app,app", "1000,app,1000"})
    void userIsTheCreatorsThenTheImages(String asked, String image, String expected) {
        var merged = merge(spec().user(asked).build(), new Image().user(image));
        assertThat(merged.spec().user()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"'',15,0", "SIGQUIT,3,0", "9,9,0", "RTMIN+3,37,0", "SIGFOO,15,1", "99,15,1"})
    void stopSignalIsTheImagesWhenLinuxHasIt(String image, int expected, int warnings) {
        var merged = merge(spec().build(), new Image().stopSignal(image));
        assertThat(merged.spec().stopSignal()).isEqualTo(new Signal(expected));
        assertThat(merged.warnings()).hasSize(warnings);
    }

    @Test
    void askedStopSignalWins() {
        var merged = merge(spec().stopSignal(Signal.KILL).build(), new Image().stopSignal("SIGFOO"));
        assertThat(merged.spec().stopSignal()).isEqualTo(Signal.KILL);
        assertThat(merged.warnings()).isEmpty();
    }

    @Test
    void reservedLabelsOfAnImageAreLeftOut() {
        var labels = Map.of(
                "a", "image",
                "b", "image",
                "containerd.io/restart.loguri", "binary:///bin/sh",
                "io.containerd.x", "1",
                "nerdctl/x", "1",
                "hawse.dev/x", "1",
                "long", "x".repeat(4096));
        var merged = merge(spec().labels(Map.of("b", "asked")).build(), new Image().labels(labels));
        assertThat(merged.spec().labels()).isEqualTo(Map.of("a", "image", "b", "asked"));
        assertThat(merged.warnings()).hasSize(5).anyMatch(w -> w.contains("containerd.io/restart.loguri"));
    }

    @Test
    void imageWithTooManyLabelsLosesTheLastOfThem() {
        var labels = new HashMap<String, String>();
        for (int i = 0; i < 300; i++) {
            labels.put(String.format("l%03d", i), "v");
        }
        var merged = merge(spec().labels(Map.of("own", "v")).build(), new Image().labels(labels));
        assertThat(merged.spec().labels()).hasSize(256).containsKeys("own", "l000", "l254");
        assertThat(merged.warnings()).hasSize(45);
    }

    @Test
    void hostnameIsTheBeginningOfTheIdButNotOnTheHostsNetwork() {
        assertThat(merge(spec().build(), new Image()).spec().hostname()).isEqualTo("0123456789ab");
        assertThat(merge(spec().hostname("box").build(), new Image()).spec().hostname())
                .isEqualTo("box");
        var host = merge(spec().network(NetworkMode.HOST).build(), new Image());
        assertThat(host.spec().hostname()).isEmpty();
        assertThat(host.spec().env()).doesNotContainKey("HOSTNAME");
    }

    @ParameterizedTest
    @CsvSource({"/proc/self/fd/7,'',working_dir", "app,'',working_dir", "'',1000:x:y,user", "'',4294967296,user"})
    void imageThatAsksForWhatIsNotAllowedIsNamed(String workingDir, String user, String field) {
        var image = new Image().workingDir(workingDir).user(user);
        assertThatThrownBy(() -> merge(spec().build(), image))
                .isInstanceOf(RuntimeFailure.class)
                .hasMessageStartingWith("image: its configuration is not allowed: " + field);
    }

    private static ContainerSpec.Builder spec() {
        return ContainerSpec.builder("i").args("true");
    }

    private static EffectiveSpec merge(ContainerSpec asked, Image image) {
        return EffectiveSpec.merge(asked, image.build(), ID);
    }

    private static Map<String, String> linked(String k1, String v1, String k2, String v2) {
        var map = new LinkedHashMap<String, String>();
        map.put(k1, v1);
        map.put(k2, v2);
        return map;
    }

    /** Builds an image's configuration. */
    private static final class Image {
        private List<String> entrypoint = List.of();
        private List<String> cmd = List.of();
        private final List<String> env = new ArrayList<>();
        private String workingDir = "";
        private String user = "";
        private String stopSignal = "";
        private Map<String, String> labels = Map.of();

        Image entrypoint(List<String> v) {
            entrypoint = v;
            return this;
        }

        Image cmd(List<String> v) {
            cmd = v;
            return this;
        }

        Image env(String... v) {
            env.addAll(List.of(v));
            return this;
        }

        Image workingDir(String v) {
            workingDir = v;
            return this;
        }

        Image user(String v) {
            user = v;
            return this;
        }

        Image stopSignal(String v) {
            stopSignal = v;
            return this;
        }

        Image labels(Map<String, String> v) {
            labels = v;
            return this;
        }

        ImageConfig build() {
            return new ImageConfig(entrypoint, cmd, env, workingDir, user, stopSignal, labels, List.of(), List.of());
        }
    }
}
