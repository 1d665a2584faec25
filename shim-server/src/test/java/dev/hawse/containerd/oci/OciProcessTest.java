package dev.hawse.containerd.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.ImageConfig;
import dev.hawse.runtime.ProcessIo;
import dev.hawse.runtime.Rlimit;
import dev.hawse.runtime.TerminalSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OciProcessTest {

    private static final ContainerId ID = new ContainerId("0123456789abcdef".repeat(4));
    private static final ResolvedUser ROOT = new ResolvedUser(0, 0, List.of(0));
    private static final ResolvedUser APP = new ResolvedUser(1000, 100, List.of(100, 20));

    @Test
    void commandHasEverythingOfTheContainersProcess() {
        var exec = exec(container(ROOT), ExecSpec.of("ls", "-l"), null);
        assertThat(exec.get("args").toString()).isEqualTo("[\"ls\",\"-l\"]");
        assertThat(exec.get("cwd").textValue()).isEqualTo("/srv");
        assertThat(exec.get("env").toString())
                .isEqualTo("[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\","
                        + "\"HOSTNAME=0123456789ab\",\"A=1=2\"]");
        assertThat(exec.at("/user/uid").intValue()).isZero();
        assertThat(exec.at("/capabilities/effective")).hasSize(14);
        assertThat(exec.at("/rlimits/0/hard").bigIntegerValue()).isEqualTo("18446744073709551615");
        assertThat(exec.get("noNewPrivileges").booleanValue()).isTrue();
        assertThat(exec.get("terminal").booleanValue()).isFalse();
        assertThat(exec.has("consoleSize")).isFalse();
    }

    @Test
    void environmentIsTheContainersThenTheCommands() {
        var spec = ExecSpec.of("ls").withEnv(Map.of("A", "x", "Z", "", "HOSTNAME", "h"));
        assertThat(exec(container(ROOT), spec, null).get("env").toString()).endsWith("\"HOSTNAME=h\",\"A=x\",\"Z=\"]");
    }

    @Test
    void terminalHasItsSizeAndXterm() {
        var io = new ProcessIo(true, new TerminalSize(100, 30));
        var exec = exec(container(ROOT), ExecSpec.of("sh").withIo(io), null);
        assertThat(exec.get("terminal").booleanValue()).isTrue();
        assertThat(exec.get("consoleSize").toString()).isEqualTo("{\"height\":30,\"width\":100}");
        assertThat(exec.get("env").toString()).contains("\"TERM=xterm\"");
        var given = ExecSpec.of("sh").withIo(io).withEnv(Map.of("TERM", "vt100"));
        assertThat(exec(container(ROOT), given, null).get("env").toString())
                .contains("\"TERM=vt100\"")
                .doesNotContain("xterm");
    }

    @Test
    void containersTerminalIsNotTheCommands() {
        var container = container(ROOT, new ProcessIo(true, TerminalSize.DEFAULT));
        var exec = exec(container, ExecSpec.of("ls"), null);
        assertThat(exec.get("terminal").booleanValue()).isFalse();
        assertThat(exec.has("consoleSize")).isFalse();
    }

    @Test
    void askedUserReplacesTheContainers() {
        var exec = exec(container(ROOT), ExecSpec.of("id"), APP);
        assertThat(exec.get("user").toString()).isEqualTo("{\"uid\":1000,\"gid\":100,\"additionalGids\":[100,20]}");
        assertThat(exec.get("capabilities")).hasSize(1);
        assertThat(exec.at("/capabilities/bounding")).hasSize(14);
    }

    @Test
    void rootInAContainerOfAnotherUserHasTheContainersCapabilities() {
        var container = container(APP);
        assertThat(exec(container, ExecSpec.of("id"), null).at("/user/uid").intValue())
                .isEqualTo(1000);
        var exec = exec(container, ExecSpec.of("id"), ROOT);
        assertThat(exec.at("/user/uid").intValue()).isZero();
        assertThat(exec.at("/capabilities/effective")).hasSize(14);
        assertThat(exec.at("/capabilities/permitted")).hasSize(14);
    }

    @Test
    void workingDirIsTheCommands() {
        var exec = exec(container(ROOT), ExecSpec.of("ls").withWorkingDir("/tmp"), null);
        assertThat(exec.get("cwd").textValue()).isEqualTo("/tmp");
    }

    @Test
    void specWithoutProcessIsRefused() {
        for (var broken : List.of("[1]", "{}", "{\"process\": 3}", "{")) {
            assertThatThrownBy(() -> OciProcess.of(broken.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(IOException.class);
        }
    }

    private static byte[] container(ResolvedUser user) {
        return container(user, ProcessIo.NONE);
    }

    private static byte[] container(ResolvedUser user, ProcessIo io) {
        var spec = ContainerSpec.builder("i")
                .args("sleep", "9")
                .env(Map.of("A", "1=2"))
                .workingDir("/srv")
                .noNewPrivileges(true)
                .io(io)
                .rlimits(List.of(new Rlimit("nofile", 5, -1)))
                .build();
        return OciSpec.forContainer(EffectiveSpec.merge(spec, ImageConfig.EMPTY, ID), ID, "hawse", user, Hosts.FULL);
    }

    private static JsonNode exec(byte[] container, ExecSpec exec, @Nullable ResolvedUser user) {
        try {
            return new ObjectMapper().readTree(OciProcess.of(container).forExec(exec, user));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
