package dev.hawse.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.ContainerFilter;
import dev.hawse.client.HawseClient;
import dev.hawse.client.HawseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The server as a process of its own, with a client. It may die, freeze and come back, each time with other settings. Not
 * safe for use by several threads, but for the client.
 */
public final class Hawsed implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path dir;
    private final Path containerd;
    private final String namespace;
    private final String classPath;
    private int lives;
    private @Nullable Process process;
    private @Nullable HawseClient client;

    /** One that keeps everything below a folder. */
    public Hawsed(Path dir, Path containerd, String namespace) throws IOException {
        this.classPath = Jars.of(dir.resolve("jars"));
        this.dir = dir;
        this.containerd = containerd;
        this.namespace = namespace;
    }

    /**
     * How it is started.
     *
     * @param before what starts it, as "prlimit --nofile=100"; it must become it by exec
     * @param jvm options of the JVM
     * @param set settings, as "exec.drain-timeout=1s"
     */
    public record Setup(List<String> before, List<String> jvm, List<String> set) {

        public static final Setup PLAIN = new Setup(List.of(), List.of(), List.of());

        public static Setup failing(String failpoints) {
            return PLAIN.jvm("-Dhawse.failpoints=" + failpoints);
        }

        public Setup before(String... words) {
            return new Setup(List.of(words), jvm, set);
        }

        public Setup jvm(String... options) {
            return new Setup(before, List.of(options), set);
        }

        public Setup set(String... settings) {
            return new Setup(before, jvm, List.of(settings));
        }
    }

    /** Starts it, and returns when it serves and knows what runs. */
    public void start(Setup setup) throws IOException {
        launch(setup);
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> log().contains("serves at unix:")
                        || !Objects.requireNonNull(process).isAlive());
        assertThat(process().isAlive()).as(this::log).isTrue();
        client = connect(PATIENCE);
        await().atMost(PATIENCE)
                .ignoreExceptionsInstanceOf(HawseException.class)
                .until(() -> client().containers().stream(ContainerFilter.ALL).count() >= 0);
    }

    /** Starts it and does not wait. */
    public Process launch(Setup setup) throws IOException {
        closeClient();
        lives++;
        var command = new ArrayList<>(setup.before());
        command.addAll(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(setup.jvm());
        command.addAll(List.of("-cp", classPath, "dev.hawse.server.Main"));
        command.addAll(List.of(
                "--listen=" + socket(),
                "--containerd-address=" + containerd,
                "--namespace=" + namespace,
                "--state-dir=" + stateDir(),
                "--run-dir=" + runDir()));
        setup.set().forEach(setting -> command.addAll(List.of("--set", setting)));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(logFile().toFile())
                .start();
        return process;
    }

    public Path socket() {
        return dir.resolve("run/hawse.sock");
    }

    public Path stateDir() {
        return dir.resolve("state");
    }

    public Path runDir() {
        return dir.resolve("run");
    }

    private Path logFile() {
        return dir.resolve("hawsed-" + lives + ".log");
    }

    /** What this life of it has logged. */
    public String log() {
        try {
            return Files.readString(logFile());
        } catch (IOException e) {
            return "";
        }
    }

    public long pid() {
        return process().pid();
    }

    private Process process() {
        return Objects.requireNonNull(process);
    }

    /** A client of this life. */
    public HawseClient client() {
        return Objects.requireNonNull(client);
    }

    /** Another client, which is the caller's to close. */
    public HawseClient connect(Duration deadline) {
        return HawseClient.builder()
                .address("unix:" + socket())
                .deadline(deadline)
                .spillDirectory(dir)
                .build();
    }

    /** Ends it as nobody can help. */
    public void kill() {
        process().destroyForcibly().onExit().join();
    }

    public void freeze() {
        Processes.signal(pid(), "STOP");
    }

    public void thaw() {
        Processes.signal(pid(), "CONT");
    }

    /** Waits for its end and answers its exit status. */
    public int awaitEnd() {
        try {
            assertThat(process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .as("it has ended")
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return process().exitValue();
    }

    private void closeClient() {
        if (client != null) {
            client.close();
            client = null;
        }
    }

    /** Ends it, however it is. */
    @Override
    public void close() {
        closeClient();
        if (process != null && process.isAlive()) {
            kill();
        }
    }
}
