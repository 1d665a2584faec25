package dev.hawse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.api.runtime.v1.AttachContainerRequest;
import dev.hawse.api.runtime.v1.ContainerState;
import dev.hawse.api.runtime.v1.CreateContainerRequest;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ListContainersRequest;
import dev.hawse.api.runtime.v1.NetworkMode;
import dev.hawse.api.runtime.v1.OutputStream;
import dev.hawse.api.runtime.v1.StopContainerRequest;
import dev.hawse.api.runtime.v1.StreamLogsRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class CliTest {

    private FakeHawse server;

    @TempDir
    Path files;

    @BeforeEach
    void start() throws Exception {
        server = new FakeHawse();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void execCarriesBothStreamsAndTheExitCode() {
        var echo = server.hawse("exec", "web", "echo", "-n", "--help", "ä");
        assertThat(echo.out()).isEqualTo("-n --help ä\n");
        assertThat(echo.err()).isEqualTo("told\n");
        assertThat(echo.code()).isZero();
        assertThat(server.hawse("exec", "web", "exit", "77").code()).isEqualTo(77);
        assertThat(server.hawse("exec", "web", "signal", "9").code()).isEqualTo(137);
    }

    @Test
    void endOfACommandWhoseTimeIsOverIsExplained() {
        var late = server.hawse("exec", "--timeout", "1s", "web", "late");
        assertThat(late.code()).isEqualTo(143);
        assertThat(late.err()).isEqualTo("hawse: the command's time was over, and it was ended\n");
    }

    @Test
    void execPassesItsFlagsOn() throws Exception {
        var file = Files.writeString(files.resolve("env"), "# comment\n\nA=1\nB=2=3\nOWN\nNOT_THERE\n");
        server.hawse(
                "exec",
                "-i",
                "-w",
                "/tmp",
                "-u",
                "1:2",
                "--env-file",
                file.toString(),
                "-e",
                "A=9",
                "-e",
                "C=",
                "web",
                "cat");
        var start = server.request(ExecRequest.class).getStart();
        assertThat(start.getContainer()).isEqualTo("web");
        assertThat(start.getWorkingDir()).isEqualTo("/tmp");
        assertThat(start.getUser()).isEqualTo("1:2");
        assertThat(start.getIo().getStdin()).isTrue();
        assertThat(start.getIo().getTerminal()).isFalse();
        assertThat(start.getEnvMap())
                .containsEntry("A", "9")
                .containsEntry("B", "2=3")
                .containsEntry("C", "")
                .containsEntry("OWN", "mine")
                .hasSize(4);
    }

    @Test
    void execCarriesStandardInputToItsEnd() {
        var input = "x".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        var result = server.hawse(input, "exec", "-i", "web", "cat");
        assertThat(result.out()).hasSize(100_000);
        assertThat(result.code()).isZero();
    }

    @Test
    void commandThatIsNotThereExitsLikeAShell() {
        var result = server.hawse("exec", "web", "nope");
        assertThat(result.code()).isEqualTo(127);
        assertThat(result.err()).isEqualTo("hawse: exec nope: no such file or directory\n");
    }

    @Test
    void ownFailuresAreOneSentenceWithoutControlCharacters() {
        var result = server.hawse("exec", "web", "fail");
        assertThat(result.code()).isEqualTo(125);
        assertThat(result.err()).isEqualTo("hawse: shim\\x1b[2J gone\n");
        assertThat(server.hawse("--debug", "exec", "web", "fail").err()).contains("HawseException");
    }

    @Test
    void terminalIsRefusedWithoutOneOnStandardInput() {
        var result = server.hawse("exec", "-it", "web", "sh");
        assertThat(result.err()).isEqualTo("hawse: the input device is not a TTY\n");
        assertThat(result.code()).isEqualTo(125);
    }

    @Test
    void misuseNamesTheHelp() {
        assertThat(server.hawse("exec", "web").err()).contains("(see 'hawse exec --help')");
        assertThat(server.hawse("exec", "web").code()).isEqualTo(125);
        assertThat(server.hawse("frobnicate", "web").err())
                .isEqualTo("hawse: no such command or flag: frobnicate (see 'hawse --help')\n");
        assertThat(server.hawse("--frobnicate", "ps").err())
                .isEqualTo("hawse: no such command or flag: --frobnicate (see 'hawse --help')\n");
        assertThat(server.hawse("ps", "--filter", "shape=round").err())
                .isEqualTo(
                        "hawse: filter: unknown key (got shape), allowed are id, name, ancestor, label and status\n");
    }

    @Test
    void numberOfAnEventThatIsNoneIsToldWithWhatIs() {
        for (var bad : List.of("x", "0", "-1", "1.5", "99999999999999999999")) {
            var result = server.hawse("events", "--from=" + bad);
            assertThat(result.code()).isEqualTo(125);
            assertThat(result.err())
                    .isEqualTo("hawse: --from: not the number of an event (got " + bad
                            + "), allowed is 1 and more, as each event shows its own behind \"#\"\n");
        }
    }

    @Test
    void createTakesDockersFlags() {
        var result = server.hawse(
                "create",
                "-it",
                "--name",
                "x",
                "-e",
                "K=v",
                "-w",
                "/w",
                "-u",
                "nobody",
                "-v",
                "/a:/b:ro",
                "--mount",
                "type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=700",
                "--tmpfs",
                "/u:size=2k",
                "--hostname",
                "h",
                "-m",
                "64m",
                "--memory-swap",
                "128m",
                "--cpus",
                "1.5",
                "--cpu-shares",
                "512",
                "--cpuset-cpus",
                "0-1",
                "--pids-limit",
                "7",
                "--cap-add",
                "NET_ADMIN",
                "--cap-drop",
                "ALL",
                "--security-opt",
                "no-new-privileges",
                "--security-opt",
                "seccomp=unconfined",
                "--read-only",
                "--ulimit",
                "nofile=10:20",
                "-l",
                "a=b",
                "--label",
                "c",
                "--entrypoint",
                "/bin/sh",
                "--network",
                "host",
                "--stop-signal",
                "INT",
                "--stop-timeout",
                "3",
                "--runtime",
                "crun",
                "busybox",
                "-c",
                "echo -t");
        assertThat(result).isEqualTo(new FakeHawse.Result(0, FakeHawse.ID + "\n", ""));
        var spec = server.request(CreateContainerRequest.class).getSpec();
        assertThat(spec.getArgsList()).containsExactly("-c", "echo -t");
        assertThat(spec.getEntrypoint().getValuesList()).containsExactly("/bin/sh");
        assertThat(spec.getIo().getTerminal()).isTrue();
        assertThat(spec.getIo().getStdin()).isTrue();
        assertThat(spec.getResources().getMemoryBytes()).isEqualTo(64 << 20);
        assertThat(spec.getResources().getMemorySwapBytes()).isEqualTo(128 << 20);
        assertThat(spec.getResources().getCpuMillis()).isEqualTo(1500);
        assertThat(spec.getResources().getPidsLimit()).isEqualTo(7);
        assertThat(spec.getMounts(0).getBind().getReadOnly()).isTrue();
        assertThat(spec.getMounts(1).getTmpfs().getSizeBytes()).isEqualTo(1 << 20);
        assertThat(spec.getMounts(1).getTmpfs().getMode()).isEqualTo(0700);
        assertThat(spec.getMounts(2).getTmpfs().getSizeBytes()).isEqualTo(2048);
        assertThat(spec.getNoNewPrivileges()).isTrue();
        assertThat(spec.getSeccomp().hasUnconfined()).isTrue();
        assertThat(spec.getRlimits(0).getHard()).isEqualTo(20);
        assertThat(spec.getLabelsMap()).containsEntry("a", "b").containsEntry("c", "");
        assertThat(spec.getNetwork()).isEqualTo(NetworkMode.NETWORK_MODE_HOST);
        assertThat(spec.getStopGrace().getSeconds()).isEqualTo(3);
        assertThat(spec.getOciRuntime()).isEqualTo("crun");
    }

    @Test
    void badValuesAreRefusedWithTheFlagsName() {
        for (var bad : List.of(
                List.of("-v", "name:/data"),
                List.of("--memory", "much"),
                List.of("--cpus", "0"),
                List.of("--network", "bridge"),
                List.of("--security-opt", "label=disable"),
                List.of("--ulimit", "nofile"),
                List.of("--mount", "type=volume,target=/x,source=y"))) {
            var result = server.hawse("create", bad.get(0), bad.get(1), "busybox");
            assertThat(result.code()).isEqualTo(125);
            assertThat(result.err()).startsWith("hawse: --").contains("(got ").hasLineCount(1);
        }
    }

    @Test
    void psAlignsItsColumnsAndObeysNoName() {
        server.containers.listed.add(FakeContainers.web()
                .setName("evil\u001b]52;c;x\u0007\u009b2J\u202e")
                .setState(ContainerState.CONTAINER_STATE_CREATED)
                .build());
        var result = server.hawse("ps", "-a");
        assertThat(result.out().lines())
                .containsExactly(
                        "CONTAINER ID   IMAGE            COMMAND      CREATED         STATUS       NAMES",
                        "0123456789ab   busybox:latest   \"sleep 1d\"   5 minutes ago   Up 2 hours   web",
                        "0123456789ab   busybox:latest   \"sleep 1d\"   5 minutes ago   Created      "
                                + "evil\\x1b]52;c;x\\x07\\x9b2J\\u202e");
        assertThat(server.request(ListContainersRequest.class).getFilter().getStatesCount())
                .isZero();
    }

    @Test
    void psAsksOnlyForWhatRunsUnlessToldOtherwise() {
        assertThat(server.hawse("ps", "-q").out()).isEqualTo("0123456789ab\n");
        assertThat(server.request(ListContainersRequest.class).getFilter().getStatesList())
                .containsExactly(ContainerState.CONTAINER_STATE_RUNNING, ContainerState.CONTAINER_STATE_PAUSED);
    }

    @Test
    void jsonHoldsTheWholeRecord() {
        var result = server.hawse("ps", "--output", "json");
        assertThat(result.out())
                .contains("\"name\" : \"web\"")
                .contains("\"state\" : \"running\"")
                .contains("\"args\" : [")
                .doesNotContain("null");
        assertThat(server.hawse("inspect", "web").out()).contains("\"id\" : \"" + FakeHawse.ID + "\"");
    }

    @Test
    void inspectOfWhatIsNotThereFails() {
        var result = server.hawse("inspect", "--type", "container", "web", "gone");
        assertThat(result.code()).isEqualTo(125);
        assertThat(result.err()).isEqualTo("hawse: no container gone\n");
        assertThat(result.out()).contains("\"web\"");
    }

    @Test
    void stopGoesOnAfterAFailure() {
        var result = server.hawse("stop", "-t", "2", "-s", "INT", "gone", "web");
        assertThat(result).isEqualTo(new FakeHawse.Result(125, "web\n", "hawse: no container gone\n"));
        var request = server.request(StopContainerRequest.class);
        assertThat(request.getGrace().getSeconds()).isEqualTo(2);
        assertThat(request.getSignal()).isEqualTo("INT");
    }

    @Test
    void logsAreExactWhenNotOnATerminal() {
        server.containers.logs.add(FakeHawse.log(OutputStream.OUTPUT_STREAM_STDOUT, "a\u001b[31mb\nhalf"));
        server.containers.logs.add(FakeHawse.log(OutputStream.OUTPUT_STREAM_STDERR, "oops\n"));
        server.containers.logs.add(FakeHawse.log(OutputStream.OUTPUT_STREAM_STDOUT, " line\n"));
        var plain = server.hawse("logs", "-f", "--tail", "3", "--since", "10m", "web");
        assertThat(plain.out()).isEqualTo("a\u001b[31mb\nhalf line\n");
        assertThat(plain.err()).isEqualTo("oops\n");
        var request = server.request(StreamLogsRequest.class);
        assertThat(request.getFollow()).isTrue();
        assertThat(request.getTail()).isEqualTo(3);
        assertThat(request.getSince().getSeconds())
                .isCloseTo(System.currentTimeMillis() / 1000 - 600, org.assertj.core.data.Offset.offset(5L));
        assertThat(server.hawse("logs", "-t", "web").out())
                .isEqualTo("1970-01-01T00:00:01.000000005Z a\u001b[31mb\n1970-01-01T00:00:01.000000005Z half line\n");
    }

    @Test
    void startAttachesWithoutLosingTheFirstBytes() {
        server.containers.logs.add(FakeHawse.log(OutputStream.OUTPUT_STREAM_STDOUT, "first"));
        server.containers.logs.add(FakeHawse.log(OutputStream.OUTPUT_STREAM_STDERR, "oops"));
        assertThat(server.hawse("start", "-a", "web")).isEqualTo(new FakeHawse.Result(5, "first", "oops"));
        var request = server.request(StreamLogsRequest.class);
        assertThat(request.getFollow()).isTrue();
        assertThat(request.hasSince()).isTrue();
        assertThat(server.request(AttachContainerRequest.class).getStart().getStdin())
                .isFalse();
        server.requests.clear();
        var result = server.hawse("in".getBytes(StandardCharsets.UTF_8), "start", "-ai", "web");
        assertThat(result.code()).isEqualTo(5);
        assertThat(server.requests)
                .anyMatch(r -> r instanceof AttachContainerRequest a
                        && a.getStdin().toStringUtf8().equals("in"));
        assertThat(server.hawse("start", "-a", "web", "web").err()).contains("one at most");
        assertThat(server.hawse("start", "web", "web").out()).isEqualTo("web\nweb\n");
    }

    @Test
    void imagesAreListedAsDockerDoes() {
        assertThat(server.hawse("images")
                        .out()
                        .lines()
                        .map(l -> l.replaceAll(" +", " ").strip()))
                .containsExactly(
                        "REPOSITORY TAG IMAGE ID CREATED SIZE",
                        "busybox 1.36 0123456789ab 4.26MB",
                        "localhost:5000/a/b <none> f123456789ab 0B");
        assertThat(server.hawse("images", "-q").out()).isEqualTo("0123456789ab\nf123456789ab\n");
    }

    @Test
    void loadReadsAFileOrStandardInput() throws Exception {
        var archive = Files.write(files.resolve("a.tar"), new byte[300_000]);
        var fromFile = server.hawse("load", "-i", archive.toString());
        assertThat(fromFile.out()).isEqualTo("Loaded image: busybox:300000\n");
        assertThat(fromFile.err()).isEqualTo("unpacking busybox:latest: layer 1 of 2\n");
        var fromStdin = server.hawse(new byte[10], "load", "-q");
        assertThat(fromStdin).isEqualTo(new FakeHawse.Result(0, "Loaded image: busybox:10\n", ""));
        assertThat(server.hawse("load", "-i", files.toString()).err())
                .isEqualTo("hawse: " + files + ": is a directory\n");
        assertThat(server.hawse("load", "-i", "/nowhere.tar"))
                .isEqualTo(new FakeHawse.Result(125, "", "hawse: /nowhere.tar: no such file\n"));
    }

    @Test
    void saveLeavesNoHalfArchive() throws Exception {
        var target = files.resolve("out.tar");
        assertThat(server.hawse("save", "-o", target.toString(), "busybox").code())
                .isZero();
        assertThat(Files.readAllBytes(target)).containsExactly(0, -1, 10);
        var broken = server.hawse("save", "-o", target.toString(), "broken");
        assertThat(broken.err()).isEqualTo("hawse: damaged\n");
        try (var left = Files.list(files)) {
            assertThat(left).containsExactly(target);
        }
        assertThat(Files.readAllBytes(target)).hasSize(3);
    }

    @Test
    void serverThatIsNotThereIsOneSentence() {
        var result = server.hawse("--address", "unix:/nowhere/s", "ps");
        assertThat(result.code()).isEqualTo(125);
        assertThat(result.err()).hasLineCount(1);
    }

    @Test
    void everyCommandHasHelpAndIsCompleted() {
        for (var command : Cli.COMMANDS) {
            var help = server.hawse(command, "--help");
            assertThat(help.code()).as(command).isZero();
            assertThat(help.out()).startsWith("Usage: hawse " + command);
        }
        assertThat(server.hawse("completion").out())
                .contains("--pids-limit")
                .contains("unpause")
                .startsWith("#!/usr/bin/env bash");
        assertThat(server.hawse().out()).contains("Commands:");
    }
}
