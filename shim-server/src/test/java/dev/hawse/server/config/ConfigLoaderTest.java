package dev.hawse.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.server.config.ConfigLoader.Flag;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {

    @TempDir
    private Path dir;

    private Path file(String toml) throws IOException {
        return Files.writeString(dir.resolve("config.toml"), toml);
    }

    private HawseConfig load(String toml) throws IOException {
        return ConfigLoader.load(file(toml), Map.of(), List.of()).config();
    }

    private static HawseConfig set(String key, String value) {
        return ConfigLoader.load(null, Map.of(), List.of(new Flag("--set " + key, key, value)))
                .config();
    }

    @Test
    void nothingSetIsTheDefault() {
        assertThat(ConfigLoader.load(null, Map.of(), List.of()).config()).isEqualTo(HawseConfig.defaults());
        var defaults = HawseConfig.defaults();
        assertThat(defaults.listen()).isEqualTo(new HawseConfig.Listen(Path.of("/run/hawse/hawse.sock"), ""));
        assertThat(defaults.containerd())
                .isEqualTo(new HawseConfig.Containerd(
                        Path.of("/run/containerd/containerd.sock"), "hawse", "auto", Map.of("runc", "runc")));
        assertThat(defaults.paths()).isEqualTo(new HawseConfig.Paths(Path.of("/var/lib/hawse"), Path.of("/run/hawse")));
        assertThat(defaults.exec()).isEqualTo(new HawseConfig.Exec(8, Duration.ofSeconds(2), Duration.ofMinutes(10)));
        assertThat(defaults.server()).isEqualTo(new HawseConfig.Server(Duration.ofSeconds(10), 4 << 20, 1024));
        assertThat(defaults.log()).isEqualTo(new HawseConfig.Log(LogLevel.INFO, LogFormat.HUMAN));
    }

    @Test
    void aFileSetsEverything() throws IOException {
        var config = load("""
                [listen]
                address = "unix:///srv/h.sock"
                group = "wheel"
                [containerd]
                address = "/srv/c.sock"
                namespace = "hawse-2"
                snapshotter = "native"
                oci-runtimes = ["crun", "runc"]
                [containerd.oci-runtime-binaries]
                crun = "/opt/crun"
                [paths]
                state = "/srv/state/"
                run = "/srv/run"
                [policy]
                bind-roots = ["/", "/run/docker.sock"]
                bind-deny = ["/srv/secret/"]
                [exec]
                max-starts-per-container = 3
                drain-timeout = "1500ms"
                [server]
                shutdown-grace = "2m"
                max-message-size = "8MiB"
                max-connections = 5
                [log]
                level = "debug"
                format = "json"
                """);

        assertThat(config.listen()).isEqualTo(new HawseConfig.Listen(Path.of("/srv/h.sock"), "wheel"));
        assertThat(config.containerd().socket()).isEqualTo(Path.of("/srv/c.sock"));
        assertThat(config.containerd().namespace()).isEqualTo("hawse-2");
        assertThat(config.containerd().snapshotter()).isEqualTo("native");
        assertThat(config.containerd().ociRuntimes())
                .containsExactly(Map.entry("crun", "/opt/crun"), Map.entry("runc", "runc"));
        assertThat(config.paths()).isEqualTo(new HawseConfig.Paths(Path.of("/srv/state"), Path.of("/srv/run")));
        assertThat(config.policy())
                .isEqualTo(new HawseConfig.Policy(
                        List.of(Path.of("/"), Path.of("/run/docker.sock")), List.of(Path.of("/srv/secret"))));
        assertThat(config.exec()).isEqualTo(new HawseConfig.Exec(3, Duration.ofMillis(1500), Duration.ofMinutes(10)));
        assertThat(config.server()).isEqualTo(new HawseConfig.Server(Duration.ofMinutes(2), 8 << 20, 5));
        assertThat(config.log()).isEqualTo(new HawseConfig.Log(LogLevel.DEBUG, LogFormat.JSON));
    }

    @Test
    void aFlagCountsMoreThanTheEnvironmentAndThatMoreThanAFile() throws IOException {
        var file = file("[containerd]\nnamespace = \"file\"\nsnapshotter = \"file\"\naddress = \"/file\"\n");
        var environment = Map.of(
                "HAWSE_CONTAINERD_NAMESPACE", "env", "HAWSE_CONTAINERD_SNAPSHOTTER", "env", "HAWSE_ADDRESS", "x");
        var flags = List.of(new Flag("--namespace", "containerd.namespace", "flag"));

        var containerd = ConfigLoader.load(file, environment, flags).config().containerd();

        assertThat(containerd.namespace()).isEqualTo("flag");
        assertThat(containerd.snapshotter()).isEqualTo("env");
        assertThat(containerd.socket()).isEqualTo(Path.of("/file"));
    }

    static List<Setting<?>> settings() {
        return Setting.ALL;
    }

    @ParameterizedTest
    @MethodSource("settings")
    void everySettingCanBeSetByItsVariable(Setting<?> setting) {
        var written = textOf(setting);

        var toml = ConfigLoader.load(null, Map.of(setting.variable(), written), List.of())
                .toml();

        assertThat(toml).containsPattern("\n" + setting.name() + " = .* # from " + setting.variable() + "\n");
    }

    private static <T> String textOf(Setting<T> setting) {
        var toml = setting.type().toml().apply(setting.fallback());
        return toml.replaceAll("^[\\[\"{](.*)[]\"}]$", "$1").replace("\"", "");
    }

    @Test
    void whatIsPrintedLoadsAgainAsTheSame() throws IOException {
        var flags = List.of(
                new Flag("--set", "containerd.oci-runtimes", "runc,crun"),
                new Flag("--set", "containerd.oci-runtime-binaries", "crun=/opt/a \"b\"\\c"),
                new Flag("--set", "exec.drain-timeout", "50ms"),
                new Flag("--set", "server.max-message-size", "3000000B"),
                new Flag("--set", "log.format", "json"));
        var loaded = ConfigLoader.load(null, Map.of("HAWSE_PATHS_RUN", "/srv/ä"), flags);

        var again = ConfigLoader.load(file(loaded.toml()), Map.of(), List.of());

        assertThat(again.config()).isEqualTo(loaded.config());
        assertThat(loaded.toml())
                .contains("run = \"/srv/ä\" # from HAWSE_PATHS_RUN\n")
                .contains("namespace = \"hawse\"\n");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "listen.address | tcp:1.2.3.4:5",
                "listen.address | relative.sock",
                "listen.address | /a/../b",
                "listen.group | a b",
                "containerd.namespace | moby",
                "containerd.namespace | k8s.io",
                "containerd.namespace | -x",
                "containerd.namespace | a..b",
                "containerd.namespace | ''",
                "containerd.snapshotter | a/b",
                "containerd.oci-runtimes | ''",
                "containerd.oci-runtimes | runc,runc",
                "containerd.oci-runtimes | ../runc",
                "containerd.oci-runtime-binaries | runc=runc",
                "containerd.oci-runtime-binaries | runc",
                "paths.state | state",
                "policy.bind-roots | srv",
                "policy.bind-roots | /srv,,/home",
                "policy.bind-deny | /srv/../etc",
                "exec.max-starts-per-container | 0",
                "exec.max-starts-per-container | 17",
                "exec.max-starts-per-container | many",
                "exec.drain-timeout | 2",
                "exec.drain-timeout | -1s",
                "exec.drain-timeout | 1ms",
                "exec.drain-timeout | 11m",
                "server.shutdown-grace | 2h",
                "server.max-message-size | 1MiB",
                "server.max-message-size | 4MB",
                "server.max-message-size | 999999999GiB",
                "log.level | verbose",
                "log.format | xml"
            })
    void whatIsNotAllowedIsNamedWithWhatIs(String key, String value) {
        assertThatThrownBy(() -> set(key, value))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(key + ": must be ")
                .hasMessageContaining("(got \"" + value + "\" from --set " + key + ")");
    }

    @Test
    void aSocketPathThatTheKernelWouldCutIsRefused() {
        assertThatThrownBy(() -> set("listen.address", "/" + "x".repeat(100)))
                .hasMessageContaining("at most 100 bytes");
    }

    @Test
    void aBinaryForARuntimeThatThereIsNoneOfIsRefused() {
        assertThatThrownBy(() -> set("containerd.oci-runtime-binaries", "crun=/usr/bin/crun"))
                .hasMessage("containerd.oci-runtime-binaries: \"crun\" must be one of containerd.oci-runtimes"
                        + " (which are [runc])");
    }

    @ParameterizedTest
    @CsvSource({
        "exec.drain-timout,exec.drain-timeout",
        "containerd.adress,containerd.address",
        "logs.level,log.level",
        "containerd.oci-runtime,containerd.oci-runtimes"
    })
    void theNearestKeyIsNamed(String wrong, String right) {
        assertThatThrownBy(() -> set(wrong, "x"))
                .hasMessage("there is no key " + wrong + " (from --set " + wrong + "); the nearest is " + right);
    }

    @Test
    void noKeyIsNamedWhenNoneIsNear() {
        assertThatThrownBy(() -> set("colour", "x"))
                .hasMessage("there is no key colour (from --set colour); --print-config shows all");
    }

    @Test
    void theNearestVariableIsNamed() {
        assertThatThrownBy(() -> ConfigLoader.load(null, Map.of("HAWSE_LOGLEVEL", "debug"), List.of()))
                .hasMessage("there is no variable HAWSE_LOGLEVEL (from the environment); the nearest is"
                        + " HAWSE_LOG_LEVEL");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "log.level = 5",
                "log = \"info\"",
                "[exec]\nmax-starts-per-container = \"8\"",
                "[exec]\nmax-starts-per-container = 8.0",
                "[exec]\ndrain-timeout = 2",
                "[containerd]\noci-runtimes = \"runc\"",
                "[containerd]\noci-runtimes = [1]",
                "[containerd]\noci-runtime-binaries = [\"a\"]",
                "[containerd]\noci-runtime-binaries = { runc = 1 }",
                "[containerd.addres]\nx = 1",
                "[nothing]\nx = 1",
                "top = 1",
                "[log]\nlevel = \"info\"\nlevel = \"warn\"",
                "[log\n",
                "level ="
            })
    void whatAFileCannotMeanIsRefusedByItsName(String toml) {
        assertThatThrownBy(() -> load(toml))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(dir.resolve("config.toml").toString());
    }

    @Test
    void aNamedFileMustBeThere() {
        var none = dir.resolve("none.toml");

        assertThatThrownBy(() -> ConfigLoader.load(none, Map.of(), List.of()))
                .hasMessage(none + ": there is no such file");
    }

    @Test
    void aFileThatIsNoTextIsRefused() throws IOException {
        var file = Files.write(dir.resolve("latin"), "# ä".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> ConfigLoader.load(file, Map.of(), List.of())).hasMessage(file + ": is not UTF-8");
    }

    @Test
    void aFileThatOthersMayWriteIsRefused() throws IOException {
        var file = file("");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));

        assertThatThrownBy(() -> ConfigLoader.load(file, Map.of(), List.of())).hasMessageContaining("chmod go-w");
    }
}
