package dev.hawse.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.runtime.ContainerSpec;
import dev.hawse.runtime.ExecSpec;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.testing.PortExec;
import dev.hawse.testing.Recorder;
import dev.hawse.testing.TestImages;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** OCI runtimes that callers choose by name: a second one that keeps a diary and else is runc. */
@Timeout(60)
final class ContainerdOciRuntimeIT {

    @RegisterExtension
    static final ContainerdEngine ENGINE = new ContainerdEngine();

    @TempDir
    Path dir;

    @Test
    void containersAndTheirCommandsRunOnTheRuntimeThatWasChosen() throws Exception {
        var diary = dir.resolve("diary");
        var binary = dir.resolve("diarist");
        Files.writeString(binary, "#!/bin/sh\necho \"$*\" >>" + diary + "\nexec runc \"$@\"\n");
        Files.setPosixFilePermissions(binary, PosixFilePermissions.fromString("rwxr-xr-x"));
        ENGINE.runtime().close();
        try (var runtime = open(binary)) {
            assertThat(runtime.probe().ociRuntimes()).containsExactly("runc", "diarist");
            run(runtime, "runc");
            assertThat(diary).doesNotExist();
            run(runtime, "diarist");
            assertThat(Files.readString(diary)).contains(" create ", " start ", " exec ", " delete ");
        } finally {
            ENGINE.reopen();
        }
    }

    private static ContainerdRuntime open(Path binary) throws Exception {
        var runtimes = new LinkedHashMap<String, String>();
        runtimes.put("runc", "runc");
        runtimes.put("diarist", binary.toString());
        var s = ENGINE.settings();
        var runtime = ContainerdRuntime.open(
                new ContainerdSettings(
                        s.socket(),
                        s.namespace(),
                        s.snapshotter(),
                        runtimes,
                        s.fifoDir(),
                        s.logs(),
                        s.bindPolicy(),
                        s.maxStartsPerContainer(),
                        s.drainTimeout()),
                List.of());
        runtime.synced().get(10, TimeUnit.SECONDS);
        return runtime;
    }

    private static void run(ContainerdRuntime runtime, String ociRuntime) {
        var spec = ContainerSpec.builder(TestImages.BUSYBOX)
                .args("sleep", "1000")
                .ociRuntime(ociRuntime)
                .build();
        var id = runtime.containers().create(spec).container().id();
        try {
            assertThat(runtime.containers().start(id).spec().ociRuntime()).isEqualTo(ociRuntime);
            var sink = new Recorder();
            PortExec.start(runtime.execs(), id, ExecSpec.of("true"), sink).resumeOutput();
            assertThat(sink.exit().outcome()).isEqualTo(new ExitOutcome.Code(0));
        } finally {
            runtime.containers().remove(id, true);
        }
    }
}
