package dev.hawse.containerd.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ImageConfig;
import dev.hawse.runtime.NetworkMode;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.TerminalSize;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds of every merge. */
class EffectiveSpecProperties {

    private static final ContainerId ID = new ContainerId("0123456789abcdef".repeat(4));

    @Property(tries = 500)
    void mergingAgainChangesNothing(@ForAll("specs") ContainerSpec asked, @ForAll("images") ImageConfig image) {
        var once = EffectiveSpec.merge(asked, image, ID);
        var twice = EffectiveSpec.merge(once.spec(), image, ID);
        assertThat(twice.spec()).isEqualTo(once.spec());
        assertThat(twice.commandLine()).isEqualTo(once.commandLine());
        assertThat(twice.env()).isEqualTo(once.env());
    }

    @Property(tries = 500)
    void everyKeyOfTheEnvironmentIsThereOnce(
            @ForAll("specs") ContainerSpec asked, @ForAll("images") ImageConfig image) {
        var merged = EffectiveSpec.merge(asked, image, ID);
        assertThat(merged.env())
                .extracting(line -> line.substring(0, line.indexOf('=')))
                .doesNotHaveDuplicates()
                .containsAll(asked.env().keySet())
                .contains("PATH");
    }

    @Provide
    Arbitrary<ContainerSpec> specs() {
        var terminal = Arbitraries.of(ProcessIo.NONE, new ProcessIo(true, TerminalSize.DEFAULT));
        return Combinators.combine(
                        words().list().ofMaxSize(2).injectNull(0.5),
                        words().list().ofMinSize(1).ofMaxSize(3),
                        env(),
                        Arbitraries.of(NetworkMode.values()),
                        terminal,
                        Arbitraries.of("", "/work", "/a/b"),
                        Arbitraries.of("", "app", "1:2"))
                .as((entrypoint, args, env, network, io, dir, user) -> ContainerSpec.builder("image")
                        .entrypoint(entrypoint)
                        .args(args)
                        .env(env)
                        .network(network)
                        .io(io)
                        .workingDir(dir)
                        .user(user)
                        .build());
    }

    @Provide
    Arbitrary<ImageConfig> images() {
        var line = Combinators.combine(
                        Arbitraries.of("A", "B", "PATH", "HOSTNAME", "TERM", ""), words(), Arbitraries.of("=", ""))
                .as((key, value, equals) -> key + equals + value);
        return Combinators.combine(
                        words().list().ofMaxSize(2),
                        words().list().ofMaxSize(2),
                        line.list().ofMaxSize(6),
                        Arbitraries.of("", "/image"),
                        Arbitraries.of("", "nobody"),
                        Arbitraries.of("", "INT", "NONSENSE"))
                .as((entrypoint, cmd, env, dir, user, signal) -> new ImageConfig(
                        entrypoint,
                        cmd,
                        env,
                        dir,
                        user,
                        signal,
                        Map.of("hawse.dev/x", "", "label", "v"),
                        List.of(),
                        List.of()));
    }

    private static Arbitrary<Map<String, String>> env() {
        return Arbitraries.maps(Arbitraries.of("A", "C", "D", "PATH", "HOSTNAME", "TERM"), words())
                .ofMaxSize(4);
    }

    private static Arbitrary<String> words() {
        return Arbitraries.strings().alpha().withChars("=-/ ü").ofMinLength(1).ofMaxLength(5);
    }
}
