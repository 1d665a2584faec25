package dev.hawse.containerd.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UserResolverTest {

    private static final RootFiles FILES = files("""
            # a comment
            root:x:0:0:root:/root:/bin/sh
            app:x:1000:1001::/home/app:/bin/sh
            twin:x:1000:1002::/:/bin/sh
            42:x:77:77::/:/bin/sh
            huge:x:4294967296:0::/:/bin/sh
            minus:x:-1:0::/:/bin/sh
            broken
            """, """
            root:x:0:root
            wheel:x:10:root,app
            app:x:1001:
            video:x:44:app,other
            again:x:44:app
            twins:x:55:twin
            broken:x:nine:app
            """);

    @ParameterizedTest
    @CsvSource({
        "'',0,0,'0,10'",
        "root,0,0,'0,10'",
        "0,0,0,'0,10'",
        "app,1000,1001,'1001,10,44'",
        "1000,1000,1001,'1001,10,44'",
        "twin,1000,1002,'1002,55'",
        "app:video,1000,44,44",
        "app:7,1000,7,7",
        "1000:wheel,1000,10,10",
        "root:app,0,1001,1001",
        "5,5,0,0",
        "5:6,5,6,6",
        "42,42,0,0",
        "2147483647,2147483647,0,0",
    })
    void usersAreFoundByDockersRules(String user, int uid, int gid, String gids) {
        var groups = Arrays.stream(gids.split(",")).map(Integer::valueOf).toList();
        assertThat(UserResolver.resolve(user, FILES)).isEqualTo(new ResolvedUser(uid, gid, groups));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nobody", "huge", "minus", "broken", "app:nogroup", "1:broken", "-1", "App"})
    void nameThatIsNotThereIsNotFound(String user) {
        assertThatThrownBy(() -> UserResolver.resolve(user, FILES))
                .isInstanceOfSatisfying(
                        RuntimeFailure.class, e -> assertThat(e.reason()).isEqualTo(Reason.USER_NOT_FOUND));
    }

    @ParameterizedTest
    @ValueSource(strings = {"4294967296", "2147483648", "1:99999999999999999999", "app:4294967296"})
    void numberBeyond31BitsIsRefused(String user) {
        assertThatThrownBy(() -> UserResolver.resolve(user, FILES)).hasMessageContaining("0 to 2147483647");
    }

    @Test
    void withoutFilesNumbersAndRootStillWork() {
        RootFiles none = path -> null;
        assertThat(UserResolver.resolve("", none)).isEqualTo(new ResolvedUser(0, 0, List.of(0)));
        assertThat(UserResolver.resolve("7", none)).isEqualTo(new ResolvedUser(7, 0, List.of(0)));
        assertThatThrownBy(() -> UserResolver.resolve("root", none)).hasMessageContaining("/etc/passwd");
    }

    @Test
    void twoNumbersNeedNoFile() {
        RootFiles untouchable = path -> {
            throw new AssertionError(path);
        };
        assertThat(UserResolver.resolve("3:4", untouchable)).isEqualTo(new ResolvedUser(3, 4, List.of(4)));
    }

    private static RootFiles files(String passwd, String group) {
        var files = Map.of("/etc/passwd", passwd, "/etc/group", group);
        return path -> files.containsKey(path) ? files.get(path).getBytes(StandardCharsets.UTF_8) : null;
    }
}
