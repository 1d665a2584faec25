package dev.hawse.containerd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hawse.containerd.api.runc.v1.ProcessDetails;
import dev.hawse.containerd.api.services.tasks.v1.ListPidsRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.ExecId;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commands of an earlier life of this server whose callers went with it, which are ended, with their FIFOs, which are taken
 * away. Only what is ours is touched.
 */
final class LeftCommands {

    private static final Logger log = LoggerFactory.getLogger(LeftCommands.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final int AT_ONCE = 16;

    private final Engine engine;
    private final ContainerIndex index;
    private final TaskRemoval removal;
    private final LeftFifos fifos;
    private final CommandLookup commands;
    private final Semaphore turns = new Semaphore(AT_ONCE, true);

    LeftCommands(Engine engine, ContainerIndex index, TaskRemoval removal, LeftFifos fifos, CommandLookup commands) {
        this.engine = engine;
        this.index = index;
        this.removal = removal;
        this.fifos = fifos;
        this.commands = commands;
    }

    /**
     * Begins it, and waits for no container.
     *
     * @param known commands that are somebody's
     */
    void sweep(Predicate<ExecId> known) {
        for (var dir : fifos.dirs()) {
            var exec = LeftFifos.execOf(dir);
            if (exec != null && !known.test(exec)) {
                untilAnswered(() -> end(dir, exec));
            }
        }
        index.known().forEach(entry -> untilAnswered(() -> endRunning(entry, known)));
    }

    private void untilAnswered(Runnable deed) {
        engine.workers().execute(() -> {
            turns.acquireUninterruptibly();
            try {
                deed.run();
            } catch (RuntimeFailure | StatusRuntimeException e) {
                log.warn("not all commands left by the server before could be looked for yet: {}", e.getMessage());
                var _ = engine.timer().schedule(() -> untilAnswered(deed), RETRY.toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                turns.release();
            }
        });
    }

    /** One of which there are FIFOs: also when it is still being started, or never was. */
    private void end(Path dir, ExecId exec) {
        var entry = index.known().stream()
                .filter(e -> e.running() && e.id.value().startsWith(LeftFifos.containerOf(dir)))
                .findFirst()
                .orElse(null);
        var found = entry == null ? null : commands.find(entry.id, exec);
        if (entry == null || found == null) {
            takeAway(dir);
            return;
        }
        log.info("ending command {} in container {}: its caller went with the server", exec, entry.id);
        if (CommandLookup.wasStarted(found)) {
            new ProcessTree(found.getPid(), entry.id.value()).kill();
        } else {
            StrayCommand.kill(entry, exec);
        }
        var _ = removal.killAndDelete(entry.id, exec).whenComplete((_, _) -> takeAway(dir));
    }

    private void takeAway(Path dir) {
        fifos.letGo(dir);
        Stdio.remove(dir);
    }

    /** One that runs though its FIFOs are gone. */
    private void endRunning(ContainerEntry entry, Predicate<ExecId> known) {
        if (!entry.running()) {
            return;
        }
        try {
            endRunning(entry.id, known);
        } catch (InvalidProtocolBufferException e) {
            log.warn("commands left in container {} cannot be looked for: {}", entry.id, e.getMessage());
        }
    }

    private void endRunning(ContainerId container, Predicate<ExecId> known) throws InvalidProtocolBufferException {
        var request =
                ListPidsRequest.newBuilder().setContainerId(container.value()).build();
        var processes =
                engine.client().tasks(ContainerdClient.QUICK).listPids(request).getProcessesList();
        for (var process : processes) {
            var exec = ProcessDetails.parseFrom(process.getInfo().getValue()).getExecId();
            if (ContainerId.isWhole(exec) && !known.test(new ExecId(exec))) {
                log.info("ending command {} in container {}: its caller went with the server", exec, container);
                engine.workers().execute(() -> {
                    new ProcessTree(process.getPid(), container.value()).kill();
                    var _ = removal.killAndDelete(container, new ExecId(exec));
                });
            }
        }
    }
}
