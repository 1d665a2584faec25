package dev.hawse.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.testing.PortExec;
import dev.hawse.testing.Recorder;
import dev.hawse.testing.TestImages;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a main process is given: by its image, then by its spec. */
public abstract class SpecContract extends ContainerRuntimeContract {

    private static final String NAME = "docker.io/hawse/configured:test";

    private String configured() {
        return image(
                NAME,
                TestImages.busybox()
                        .with("Entrypoint", List.of("echo", "from"))
                        .with("Cmd", List.of("image"))
                        .with("Env", List.of("FROM=image", "OTHER=kept", "PATH=/bin"))
                        .with("User", "app")
                        .with("WorkingDir", "/home/app")
                        .with("StopSignal", "SIGUSR1")
                        .with("Labels", Map.of("from", "image", "containerd.io/x", "bad", "other", "kept")));
    }

    private ContainerSpec.Builder of(String image) {
        return ContainerSpec.builder(image);
    }

    @Test
    void imageSaysWhatToRun() {
        var image = configured();
        assertThat(outputOf(of(image))).isEqualTo("from image\n");
        assertThat(outputOf(of(image).args("caller"))).isEqualTo("from caller\n");
        assertThat(outputOf(of(image).entrypoint(List.of("echo", "own")))).isEqualTo("own\n");
        assertThat(outputOf(of(image).entrypoint(List.of()).args("echo", "none")))
                .isEqualTo("none\n");
    }

    @Test
    void imageSaysAsWhomWhereAndWithWhat() {
        var out = outputOf(of(configured())
                .entrypoint(List.of("sh", "-c", "id -u; id -g; id -G; pwd; echo $FROM $OTHER"))
                .env(Map.of("FROM", "caller")));
        assertThat(out).isEqualTo("1000\n1000\n1000 2000\n/home/app\ncaller kept\n");
    }

    @Test
    void whatIsRunIsShownInTheContainer() {
        var container = create(of(configured()).env(Map.of("FROM", "caller")));
        assertThat(container.image()).isEqualTo(NAME);
        assertThat(container.imageDigest()).startsWith("sha256:");
        assertThat(container.spec().entrypoint()).containsExactly("echo", "from");
        assertThat(container.spec().args()).containsExactly("image");
        assertThat(container.spec().env()).containsEntry("FROM", "caller").containsEntry("OTHER", "kept");
        assertThat(container.spec().user()).isEqualTo("app");
        assertThat(container.spec().workingDir()).isEqualTo("/home/app");
        assertThat(container.spec().stopSignal()).isEqualTo(Signal.parse("USR1"));
    }

    @Test
    void labelsAreMergedAndReservedOnesDroppedWithAWarning() {
        var created = createWithWarnings(of(configured()).labels(Map.of("from", "caller", "mine", "1")));
        assertThat(created.container().labels())
                .containsExactlyInAnyOrderEntriesOf(Map.of("from", "caller", "mine", "1", "other", "kept"));
        assertThat(created.warnings()).anySatisfy(w -> assertThat(w).contains("containerd.io/x"));
    }

    @Test
    void userIsFoundByNameAndNumber() {
        assertThat(outputOf(script("id -u; id -G").user("app"))).isEqualTo("1000\n1000 2000\n");
        assertThat(outputOf(script("id -u; id -G").user("1000"))).isEqualTo("1000\n1000 2000\n");
        assertThat(outputOf(script("id -u; id -g").user("app:extra"))).isEqualTo("1000\n2000\n");
        assertThat(outputOf(script("id -u; id -g").user("4321"))).isEqualTo("4321\n0\n");
        assertThat(outputOf(script("id -u; id -g").user("4321:8765"))).isEqualTo("4321\n8765\n");
    }

    @Test
    void environmentHasWhatProgramsExpect() {
        var out = outputOf(script("echo $PATH; echo $HOSTNAME; hostname; echo $HOME; echo \"[$TERM]\""));
        assertThat(out)
                .matches("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n(\\w{12})\n\\1\n/root\n\\[]\n");
    }

    @Test
    void hostnameAndFolderAreAsAsked() {
        assertThat(outputOf(script("hostname; pwd").hostname("ship.example").workingDir("/made/up")))
                .isEqualTo("ship.example\n/made/up\n");
    }

    @Test
    void rootCanBeReadOnly() {
        assertThat(outputOf(script("touch /x 2>/dev/null || echo refused").readOnlyRoot(true)))
                .isEqualTo("refused\n");
        assertThat(outputOf(script("touch /x && echo written"))).isEqualTo("written\n");
    }

    @Test
    void terminalIsThereWhenAskedFor() {
        var tty = new ProcessIo(false, TerminalSize.DEFAULT);
        assertThat(outputOf(script("tty; echo $TERM; echo err >&2").io(tty)))
                .isEqualTo("/dev/pts/0\r\nxterm\r\nerr\r\n");
        assertThat(outputOf(script("tty"))).isEqualTo("not a tty\n");
    }

    @Test
    void withoutInputTheProcessReadsNothing() {
        assertThat(outputOf(script("cat; echo done"))).isEqualTo("done\n");
    }

    @Test
    void argumentsAndEnvironmentAreExact() {
        var text = "a b\t\"'$x\\ \n é 🚢 *";
        assertThat(outputOf(busybox("printf", "%s", text))).isEqualTo(text);
        assertThat(outputOf(script("printf %s \"$V\"").env(Map.of("V", text)))).isEqualTo(text);
    }

    @Test
    void commandsInheritWhatTheContainerHas() {
        var id = running(busybox("sleep", "1000")
                        .env(Map.of("GIVEN", "container", "OTHER", "container"))
                        .user("app")
                        .workingDir("/tmp"))
                .id();
        var sink = new Recorder();
        var spec = ExecSpec.of("sh", "-c", "echo $GIVEN $OTHER; id -u; pwd").withEnv(Map.of("OTHER", "command"));
        exec(id, spec, sink);
        sink.exit();
        assertThat(sink.out()).isEqualTo("container command\n1000\n/tmp\n");
    }

    @Test
    void commandsUserIsFoundInTheContainersOwnFiles() {
        var id = idle();
        sh(id, "echo late:x:777:778::/:/bin/sh >> /etc/passwd");
        var sink = new Recorder();
        exec(id, ExecSpec.of("sh", "-c", "id -u; id -g").withUser("late"), sink);
        sink.exit();
        assertThat(sink.out()).isEqualTo("777\n778\n");
        failing(
                Reason.USER_NOT_FOUND,
                () -> PortExec.ask(runtime().execs(), id, ExecSpec.of("true").withUser("nobody-here")));
    }
}
