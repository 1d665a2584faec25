package dev.hawse.faults;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A control group that limits how many threads its processes may have; of version 1 or 2, gone when it is closed. */
final class PidsGroup implements AutoCloseable {

    private final Path parent;
    private final Path group;

    PidsGroup(String name) throws IOException {
        var v1 = Path.of("/sys/fs/cgroup/pids");
        parent = Files.isDirectory(v1) ? v1 : Path.of("/sys/fs/cgroup");
        group = Files.createDirectory(parent.resolve(name));
    }

    void add(long pid) throws IOException {
        Files.writeString(group.resolve("cgroup.procs"), Long.toString(pid));
    }

    /** No thread may be made beyond those that there are. */
    void limitToWhatThereIs() throws IOException {
        Files.writeString(
                group.resolve("pids.max"),
                Files.readString(group.resolve("pids.current")).strip());
    }

    @Override
    public void close() throws IOException {
        for (var pid : Files.readAllLines(group.resolve("cgroup.procs"))) {
            Files.writeString(parent.resolve("cgroup.procs"), pid);
        }
        await().atMost(Duration.ofSeconds(5))
                .until(() ->
                        Files.readString(group.resolve("pids.current")).strip().equals("0"));
        Files.delete(group);
    }
}
