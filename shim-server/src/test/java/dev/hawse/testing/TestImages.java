package dev.hawse.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Images made of this machine's static busybox, and archives of them. */
public final class TestImages {

    /** The name under which {@link #busyboxArchive} has its image. */
    public static final String BUSYBOX = "docker.io/hawse/busybox:test";

    private static final String PASSWD = """
            root:x:0:0:root:/root:/bin/sh
            app:x:1000:1000:app:/home/app:/bin/sh
            nobody:x:65534:65534:nobody:/:/bin/false
            """;
    private static final String GROUP = """
            root:x:0:
            app:x:1000:
            extra:x:2000:app
            nobody:x:65534:
            """;

    private static final TestImage BUSYBOX_IMAGE = makeBusybox();
    private static final byte[] BUSYBOX_ARCHIVE =
            new DockerArchive().image(BUSYBOX_IMAGE, BUSYBOX).bytes();

    private TestImages() {}

    /**
     * One layer with every applet of busybox, {@code sh} as its command, users root, app (1000, also in group 2000) and
     * nobody; for the platform of this machine.
     */
    public static TestImage busybox() {
        return BUSYBOX_IMAGE;
    }

    /** {@link #busybox} as a Docker archive of about 2 MiB, named {@link #BUSYBOX}. */
    public static byte[] busyboxArchive() {
        return BUSYBOX_ARCHIVE.clone();
    }

    /** Without busybox: a few bytes, which cannot run anything. */
    public static TestImage tiny(String content) {
        return new TestImage("linux", architecture(), Map.of("Cmd", List.of("/nothing")), List.of())
                .withLayer(tar -> tar.file("content", content));
    }

    public static String architecture() {
        var arch = System.getProperty("os.arch");
        return switch (arch) {
            case "x86_64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> arch;
        };
    }

    private static TestImage makeBusybox() {
        var env = List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        return new TestImage("linux", architecture(), Map.of("Env", env, "Cmd", List.of("sh")), List.of())
                .withLayer(TestImages::busyboxFiles);
    }

    private static TarBuilder busyboxFiles(TarBuilder tar) {
        for (var dir : List.of("bin", "dev", "etc", "proc", "root", "run", "sys", "var")) {
            tar.dir(dir, 0755);
        }
        tar.dir("tmp", 01777).dir("home", 0755).dir("home/app", 0777);
        tar.file("etc/passwd", PASSWD).file("etc/group", GROUP);
        var program = program();
        try {
            tar.file("bin/busybox", 0755, Files.readAllBytes(program));
            var list = new ProcessBuilder(program.toString(), "--list").start();
            try (var names = list.inputReader(StandardCharsets.US_ASCII)) {
                names.lines().filter(n -> !n.equals("busybox")).forEach(n -> tar.symlink("bin/" + n, "busybox"));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return tar;
    }

    private static Path program() {
        var program = Path.of("/bin/busybox");
        if (!Files.isExecutable(program)) {
            throw new IllegalStateException("/bin/busybox is missing; install the package busybox-static");
        }
        return program;
    }
}
