package dev.hawse.faults;

import static dev.hawse.faults.Daemons.busybox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.Container;
import dev.hawse.client.ContainerFilter;
import dev.hawse.client.ContainerState;
import dev.hawse.client.ExecSpec;
import dev.hawse.client.ExecState;
import dev.hawse.client.ExitStatus;
import dev.hawse.client.HawseException;
import dev.hawse.faults.Hawsed.Setup;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The server is gone between two steps of what it does. The next one finishes it or undoes it: nothing is half there. */
@Timeout(120)
final class KillAtEveryStepIT {

    @RegisterExtension
    static final Daemons DAEMONS = new Daemons();

    private static final int KILLED = 137;
    private static final Duration SOON = Duration.ofSeconds(20);

    /** Lets the server die at a step of a call, and starts it anew. */
    private static void dieAt(String step, Runnable call) throws IOException {
        DAEMONS.restart(Setup.failing(step + ":exit"));
        assertThatThrownBy(call::run).isInstanceOf(HawseException.class);
        assertThat(DAEMONS.hawsed().awaitEnd()).isEqualTo(KILLED);
        DAEMONS.hawsed().start(Setup.PLAIN);
    }

    private static List<Container> there() {
        return DAEMONS.containers().stream(ContainerFilter.ALL).toList();
    }

    /** A container that can do what containers do. */
    private static void works(Container container) {
        var running = container.state() == ContainerState.RUNNING
                ? container
                : DAEMONS.containers().start(container.id());
        assertThat(DAEMONS.client().run(running.id(), "echo", "alive").stdoutUtf8())
                .isEqualTo("alive\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"create.named", "create.leased", "create.prepared", "create.recorded"})
    void creationIsDoneOrUndone(String step) throws IOException {
        dieAt(step, () -> DAEMONS.create(busybox("sleep", "1000").name("box")));
        if (there().isEmpty()) {
            DAEMONS.create(busybox("sleep", "1000").name("box"));
        }
        assertThat(there()).hasSize(1).first().satisfies(c -> {
            assertThat(c.name()).isEqualTo("box");
            works(c);
        });
        DAEMONS.containers().remove("box", true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"start.cleared", "start.fifos", "start.created", "start.started"})
    void startIsDoneOrUndone(String step) throws IOException {
        DAEMONS.create(busybox("sleep", "1000").name("box"));
        dieAt(step, () -> DAEMONS.containers().start("box"));
        var found = DAEMONS.containers().get("box");
        assertThat(found.state())
                .isEqualTo(step.equals("start.started") ? ContainerState.RUNNING : ContainerState.CREATED);
        works(found);
    }

    @ParameterizedTest
    @ValueSource(strings = {"end.told", "end.recorded", "end.deleted"})
    void theEndOfARunIsKnown(String step) throws IOException {
        DAEMONS.create(busybox("sh", "-c", "exit 7").name("box"));
        DAEMONS.restart(Setup.failing(step + ":exit"));
        try {
            DAEMONS.containers().start("box");
        } catch (HawseException e) {
            // It may be gone before it has answered.
        }
        assertThat(DAEMONS.hawsed().awaitEnd()).isEqualTo(KILLED);
        DAEMONS.hawsed().start(Setup.PLAIN);
        await().atMost(SOON).until(() -> DAEMONS.containers().get("box").state() == ContainerState.EXITED);
        assertThat(DAEMONS.containers().get("box").exit()).isEqualTo(new ExitStatus.Code(7));
    }

    @ParameterizedTest
    @ValueSource(strings = {"remove.ended", "remove.task", "remove.record", "remove.snapshot"})
    void removalIsDoneOrCanBeDoneAgain(String step) throws IOException {
        DAEMONS.run(busybox("sh", "-c", "echo in the log; sleep 1000").name("box"));
        dieAt(step, () -> DAEMONS.containers().remove("box", true));
        if (!there().isEmpty()) {
            assertThat(there()).hasSize(1).first().satisfies(KillAtEveryStepIT::works);
            DAEMONS.containers().remove("box", true);
        }
        DAEMONS.create(busybox("true").name("box"));
    }

    /** Of a request id, so that whoever asks again learns what has become of it. */
    @ParameterizedTest
    @CsvSource({
        "exec.recorded, 0",
        "exec.fifos, 0",
        "exec.registered, 0",
        "exec.started, 1",
        "exec.ended, 1",
        "exec.remembered, 1",
        "exec.deleted, 1"
    })
    void aCommandRanAtMostOnceAndHasTheEndThatItHad(String step, int runs) throws IOException {
        var box = DAEMONS.idle();
        var spec = ExecSpec.builder("sh", "-c", "echo x >> /tmp/runs; exit 7")
                .requestId(step)
                .build();
        DAEMONS.restart(Setup.failing(step + ":exit"));
        try {
            DAEMONS.client().execs().start(box, spec);
        } catch (HawseException e) {
            // It may be gone before it has answered.
        }
        assertThat(DAEMONS.hawsed().awaitEnd()).isEqualTo(KILLED);
        DAEMONS.hawsed().start(Setup.PLAIN);
        var id = DAEMONS.client().execs().start(box, spec).id();
        await().atMost(SOON).until(() -> DAEMONS.client().execs().get(id).state() == ExecState.EXITED);
        var exit = Objects.requireNonNull(DAEMONS.client().execs().get(id).exit());
        if (runs == 0) {
            assertThat(exit.status()).isInstanceOf(ExitStatus.Lost.class);
        } else {
            assertThat(exit.status()).isEqualTo(new ExitStatus.Code(7));
        }
        assertThat(DAEMONS.client()
                        .run(box, "sh", "-c", "cat /tmp/runs 2>/dev/null | wc -l")
                        .stdoutUtf8()
                        .strip())
                .isEqualTo("" + runs);
        await().atMost(SOON).until(() -> !hasFifos(id));
    }

    /** Of a caller who has no other hold on it than the call that broke off. */
    @ParameterizedTest
    @ValueSource(strings = {"exec.registered", "exec.started"})
    void nothingIsLeftOfACommandWhoseCallerKnowsOfNoStart(String step) throws IOException {
        var box = DAEMONS.idle();
        dieAt(step, () -> DAEMONS.client().run(box, "sleep", "6661"));
        await().atMost(SOON).until(() -> Processes.with("sleep", "6661").isEmpty());
        await().atMost(SOON).untilAsserted(() -> {
            try (var left = Files.list(DAEMONS.hawsed().runDir().resolve("fifos"))) {
                assertThat(left).allMatch(folder -> folder.endsWith(box));
            }
        });
        assertThat(DAEMONS.client().run(box, "echo", "alive").stdoutUtf8()).isEqualTo("alive\n");
    }

    private static boolean hasFifos(String exec) throws IOException {
        try (var folders = Files.list(DAEMONS.hawsed().runDir().resolve("fifos"))) {
            return folders.anyMatch(folder -> folder.getFileName().toString().startsWith(exec));
        }
    }
}
