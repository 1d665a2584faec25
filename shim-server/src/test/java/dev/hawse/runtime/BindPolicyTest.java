package dev.hawse.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BindPolicyTest {

    @TempDir
    private Path temp;

    private Path host;

    @BeforeEach
    void makeHost() throws IOException {
        host = temp.toRealPath();
        Files.createDirectories(host.resolve("var/lib/hawse/logs"));
        Files.createDirectories(host.resolve("etc/ssl"));
        Files.createDirectories(host.resolve("srv/data"));
    }

    /** Protected are the tree var/lib/hawse and the folder etc. */
    private BindPolicy policy(String... roots) {
        return new BindPolicy(
                Arrays.stream(roots).map(this::at).toList(),
                List.of(host.resolve("var/lib/hawse")),
                List.of(host.resolve("etc")));
    }

    private Path at(String path) {
        return host.resolve(path).normalize();
    }

    @ParameterizedTest
    @CsvSource({
        "srv/data, true",
        "etc/ssl, true",
        "etc, false",
        "., false",
        "var, false",
        "var/lib, false",
        "var/lib/hawse, false",
        "var/lib/hawse/logs, false",
        "var/lib/hawse2, true"
    })
    void withoutRootsEverythingIsAllowedThatIsNotProtectedAndHoldsNothingProtected(String source, boolean allowed) {
        assertThat(policy().allows(at(source))).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({"srv, true", "srv/data, true", "etc/ssl, false", "., false", "srvx, false", "var/lib/hawse/logs, false"
    })
    void withRootsOnlyWhatLiesInThemIsAllowed(String source, boolean allowed) {
        assertThat(policy("srv").allows(at(source))).isEqualTo(allowed);
    }

    @ParameterizedTest
    @CsvSource({
        "., etc, false",
        "., ., true",
        "etc, etc, true",
        "var/lib, var/lib, true",
        "var/lib, var/lib/hawse, false",
        "var/lib, var/lib/other, true",
        "var/lib/hawse/logs, var/lib/hawse/logs/x, true",
        "var/lib/hawse/logs, var/lib/hawse, false"
    })
    void whatARootNamesIsAllowedThoughProtected(String root, String source, boolean allowed) {
        assertThat(policy(root).allows(at(source))).isEqualTo(allowed);
    }

    @Test
    void linksAreFollowedBeforeAnythingIsJudged() throws IOException {
        var link = Files.createSymbolicLink(host.resolve("srv/link"), host.resolve("var/lib/hawse"));

        assertThatThrownBy(() -> policy().check("source", link + "/logs"))
                .isInstanceOfSatisfying(RuntimeFailure.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.PERMISSION_DENIED);
                    assertThat(e.violations()).extracting(FieldViolation::field).containsExactly("source");
                })
                .hasMessage("source: is protected on this host (got \"" + link + "/logs\", which is \"" + host
                        + "/var/lib/hawse/logs\"), anything else of this host is allowed, and what policy.bind-roots"
                        + " names");
    }

    @Test
    void aProtectedPathIsProtectedUnderBothNamesWhenItIsALink() throws IOException {
        Files.createSymbolicLink(host.resolve("run"), host.resolve("srv"));
        var policy =
                new BindPolicy(List.of(), List.of(host.resolve("run/data"), host.resolve("run/later/sock")), List.of());

        assertThat(policy.allows(at("srv/data"))).isFalse();
        assertThat(policy.allows(at("srv/later/sock"))).isFalse();
        assertThat(policy.allows(at("srv/other"))).isTrue();
    }

    @Test
    void whatLiesOutsideOfTheRootsIsToldWhereTheyAre() {
        assertThatThrownBy(() -> policy("srv").check("source", at("etc/ssl").toString()))
                .hasMessage("source: lies in none of the folders that may be mounted (got \"" + host
                        + "/etc/ssl\"), what lies in one of policy.bind-roots is allowed: [" + host + "/srv]");
    }

    @Test
    void whatIsNotThereIsNoSource() {
        assertThatThrownBy(() -> policy().check("source", at("srv/none").toString()))
                .hasMessageStartingWith("source: does not exist on this host (got \"" + host + "/srv/none\")");
    }
}
