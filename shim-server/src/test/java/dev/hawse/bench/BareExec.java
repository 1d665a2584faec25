package dev.hawse.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.hawse.containerd.api.services.containers.v1.GetContainerRequest;
import dev.hawse.containerd.api.services.tasks.v1.DeleteProcessRequest;
import dev.hawse.containerd.api.services.tasks.v1.ExecProcessRequest;
import dev.hawse.containerd.api.services.tasks.v1.KillRequest;
import dev.hawse.containerd.api.services.tasks.v1.StartRequest;
import dev.hawse.containerd.api.services.tasks.v1.WaitRequest;
import dev.hawse.containerd.api.services.tasks.v1.WaitResponse;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.sys.Fd;
import dev.hawse.sys.Fifo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The least that a client of containerd does for one command: Exec, Wait, Start, and the exit. The same container and the
 * same process description as Hawse uses, no service in between. For one thread.
 */
final class BareExec implements AutoCloseable {

    private static final String PROCESS = "types.containerd.io/opencontainers/runtime-spec/1/Process";

    private final ContainerdClient client;
    private final String container;
    private final String id = "bench-" + UUID.randomUUID();
    private final Path dir;
    private final boolean streams;
    private final ListenableFuture<WaitResponse> exit;
    private final @Nullable FileChannel stdin;
    private final @Nullable FileChannel stdout;

    private BareExec(ContainerdClient client, String container, byte[] process, Path dir, boolean streams)
            throws IOException {
        this.client = client;
        this.container = container;
        this.dir = dir;
        this.streams = streams;
        if (streams) {
            for (var name : List.of("stdin", "stdout", "stderr")) {
                Fifo.create(dir.resolve(name));
            }
        }
        @Nullable Fd in = streams ? Fifo.openReadWriteGuard(dir.resolve("stdin")) : null;
        @Nullable Fd out = streams ? Fifo.openReadWriteGuard(dir.resolve("stdout")) : null;
        @Nullable Fd err = streams ? Fifo.openReadWriteGuard(dir.resolve("stderr")) : null;
        try {
            stdin = streams ? FileChannel.open(dir.resolve("stdin"), StandardOpenOption.WRITE) : null;
            stdout = streams ? FileChannel.open(dir.resolve("stdout"), StandardOpenOption.READ) : null;
            client.tasks(ContainerdClient.SLOW)
                    .exec(ExecProcessRequest.newBuilder()
                            .setContainerId(container)
                            .setExecId(id)
                            .setStdin(path("stdin"))
                            .setStdout(path("stdout"))
                            .setStderr(path("stderr"))
                            .setSpec(Any.newBuilder().setTypeUrl(PROCESS).setValue(ByteString.copyFrom(process)))
                            .build());
            exit = client.tasksAsync()
                    .wait(WaitRequest.newBuilder()
                            .setContainerId(container)
                            .setExecId(id)
                            .build());
            client.tasks(ContainerdClient.SLOW)
                    .start(StartRequest.newBuilder()
                            .setContainerId(container)
                            .setExecId(id)
                            .build());
        } finally {
            for (var guard : Arrays.asList(in, out, err)) {
                if (guard != null) {
                    guard.close();
                }
            }
        }
    }

    /** The process that the container's own spec describes, with other arguments. */
    static byte[] process(ContainerdClient client, String container, String... args) throws IOException {
        var json = new ObjectMapper();
        var spec = client.containers()
                .get(GetContainerRequest.newBuilder().setId(container).build())
                .getContainer()
                .getSpec()
                .getValue();
        var process = (ObjectNode) json.readTree(spec.toByteArray()).get("process");
        var list = process.putArray("args");
        for (var arg : args) {
            list.add(arg);
        }
        return json.writeValueAsBytes(process);
    }

    /** Starts a command without any streams. */
    static BareExec silent(ContainerdClient client, String container, byte[] process) throws IOException {
        return new BareExec(client, container, process, Path.of("/"), false);
    }

    /** Starts a command with input and output. */
    static BareExec streaming(ContainerdClient client, String container, byte[] process) throws IOException {
        return new BareExec(client, container, process, Files.createTempDirectory("hawse-bench"), true);
    }

    FileChannel stdin() {
        return Objects.requireNonNull(stdin);
    }

    FileChannel stdout() {
        return Objects.requireNonNull(stdout);
    }

    boolean hasStreams() {
        return streams;
    }

    /** Reads what it wrote to its end, and answers how much that was. */
    int drain() throws IOException {
        var buffer = ByteBuffer.allocateDirect(1 << 16);
        int total = 0;
        while (stdout().read(buffer) >= 0) {
            total += buffer.position();
            buffer.clear();
        }
        return total;
    }

    int awaitExit() throws InterruptedException, ExecutionException {
        return exit.get().getExitStatus();
    }

    /** Ends it if it still runs, and takes away what is left. */
    @Override
    public void close() throws IOException {
        try {
            kill();
            exit.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IOException(e);
        }
        client.tasks(ContainerdClient.SLOW)
                .deleteProcess(DeleteProcessRequest.newBuilder()
                        .setContainerId(container)
                        .setExecId(id)
                        .build());
        if (streams) {
            stdin().close();
            stdout().close();
            for (var name : List.of("stdin", "stdout", "stderr")) {
                Files.deleteIfExists(dir.resolve(name));
            }
            Files.delete(dir);
        }
    }

    private void kill() {
        try {
            client.tasks(ContainerdClient.SLOW)
                    .kill(KillRequest.newBuilder()
                            .setContainerId(container)
                            .setExecId(id)
                            .setSignal(9)
                            .build());
        } catch (StatusRuntimeException e) {
            // It may have ended by itself.
            if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
                throw e;
            }
        }
    }

    private String path(String name) {
        return streams ? dir.resolve(name).toString() : "";
    }
}
