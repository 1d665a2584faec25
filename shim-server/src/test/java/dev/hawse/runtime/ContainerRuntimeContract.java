package dev.hawse.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.hawse.testing.DockerArchive;
import dev.hawse.testing.LogRecorder;
import dev.hawse.testing.NoListener;
import dev.hawse.testing.PortExec;
import dev.hawse.testing.Recorder;
import dev.hawse.testing.TestImage;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * What every engine behind the port does, whichever it is: the suites that extend this one. A behaviour belongs to the
 * product only when it is in one of them. The image {@link TestImages#BUSYBOX} is there when a test begins; containers and
 * images made through this class are gone after it.
 */
@Timeout(value = 90, unit = TimeUnit.SECONDS)
@Execution(ExecutionMode.SAME_THREAD)
public abstract class ContainerRuntimeContract {

    /** A main process that ends with 3 on TERM, writes a line on USR1, and is ready when it has written "ready". */
    protected static final String OBEDIENT =
            "trap 'exit 3' TERM; trap 'echo usr1' USR1; echo ready; while true; do sleep 1000 & wait; done";

    private final List<ContainerId> made = new ArrayList<>();
    private final List<String> loaded = new ArrayList<>();

    /** The engine under test. */
    protected abstract ContainerRuntime runtime();

    @AfterEach
    void removeWhatWasMade() {
        for (var id : made) {
            try {
                containers().remove(id, true);
            } catch (RuntimeFailure e) {
                assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.CONTAINER_NOT_FOUND);
            }
        }
        for (var image : loaded) {
            try {
                runtime().images().remove(image, true);
            } catch (RuntimeFailure e) {
                assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.IMAGE_NOT_FOUND);
            }
        }
    }

    protected final ContainerOperations containers() {
        return runtime().containers();
    }

    protected final Container create(ContainerSpec.Builder spec) {
        return createWithWarnings(spec).container();
    }

    protected final ContainerOperations.Created createWithWarnings(ContainerSpec.Builder spec) {
        var created = containers().create(spec.build());
        synchronized (made) {
            made.add(created.container().id());
        }
        return created;
    }

    protected final ContainerSpec.Builder busybox(String... args) {
        return ContainerSpec.builder(TestImages.BUSYBOX).args(List.of(args));
    }

    protected final ContainerSpec.Builder script(String script) {
        return busybox("sh", "-c", script);
    }

    protected final Container running(ContainerSpec.Builder spec) {
        return containers().start(create(spec).id());
    }

    /** A container in which commands can be executed. */
    protected final ContainerId idle() {
        return running(busybox("sleep", "1000")).id();
    }

    /** A container that runs {@link #OBEDIENT} and listens to signals. */
    protected final ContainerId obedient() {
        var id = running(script(OBEDIENT)).id();
        awaitLog(id, "ready");
        return id;
    }

    /** What a container's only run wrote to its standard output, from beginning to end. */
    protected final String outputOf(ContainerSpec.Builder spec) {
        var id = create(spec).id();
        var sink = new Recorder();
        try (var session = containers().attach(id, null, false, sink)) {
            session.resumeOutput();
            containers().start(id);
            sink.exit();
        }
        return sink.out() + sink.err();
    }

    /** Loads an image that is gone after the test, and answers its name. */
    protected final String image(String name, TestImage image) {
        loaded.add(name);
        try (var archive =
                new ByteArrayInputStream(new DockerArchive().image(image, name).bytes())) {
            runtime().images().load(archive, "", new NoListener());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return name;
    }

    protected final PortExec exec(ContainerId id, ExecSpec spec, Recorder sink) {
        var exec = PortExec.start(runtime().execs(), id, spec, sink);
        exec.resumeOutput();
        return exec;
    }

    /** Executes a shell script and waits for its end. */
    protected final Recorder sh(ContainerId id, String script) {
        var sink = new Recorder();
        exec(id, ExecSpec.of("sh", "-c", script), sink);
        sink.exit();
        return sink;
    }

    protected final ProcessExit awaitExit(ContainerId id) {
        var exit = get(containers().await(id, WaitCondition.NOT_RUNNING));
        return Objects.requireNonNull(exit, "the end of a container that ran");
    }

    protected final Container now(ContainerId id) {
        return containers().get(id.value());
    }

    protected final LogRecorder logs(ContainerId id, LogQuery query) {
        var sink = new LogRecorder();
        var session = containers().logs(id, query, sink);
        session.resume();
        sink.awaitEnd();
        return sink;
    }

    protected final void awaitLog(ContainerId id, String text) {
        var sink = new LogRecorder();
        var query = new LogQuery(true, null, null, null, Set.of());
        try (var session = containers().logs(id, query, sink)) {
            session.resume();
            sink.awaitText(text);
        }
    }

    protected static ExitOutcome code(int code) {
        return new ExitOutcome.Code(code);
    }

    protected static RuntimeFailure failing(Reason reason, ThrowingCallable call) {
        var failure = catchThrowableOfType(RuntimeFailure.class, call);
        assertThat(failure).as("a failure with " + reason).isNotNull();
        assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
        return failure;
    }

    protected static <T extends @Nullable Object> T get(CompletableFuture<T> future) {
        return future.orTimeout(30, TimeUnit.SECONDS).join();
    }
}
