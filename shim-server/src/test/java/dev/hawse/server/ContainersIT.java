package dev.hawse.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.AttachSession;
import dev.hawse.client.AttachSpec;
import dev.hawse.client.Container;
import dev.hawse.client.ContainerFilter;
import dev.hawse.client.ContainerSpec;
import dev.hawse.client.ContainerState;
import dev.hawse.client.Containers;
import dev.hawse.client.Event;
import dev.hawse.client.EventFilter;
import dev.hawse.client.EventType;
import dev.hawse.client.ExitStatus;
import dev.hawse.client.HawseException;
import dev.hawse.client.HawseException.Code;
import dev.hawse.client.HawseException.Reason;
import dev.hawse.client.LogQuery;
import dev.hawse.client.LogRecord;
import dev.hawse.client.OutputKind;
import dev.hawse.client.RecordStream;
import dev.hawse.client.RunOption;
import dev.hawse.client.TerminalSize;
import dev.hawse.client.WaitCondition;
import dev.hawse.testing.ContainerdFixture;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Containers and their lives, through client, socket, server and containerd. */
@Timeout(60)
final class ContainersIT {

    @RegisterExtension
    @Order(1)
    static final ContainerdFixture CONTAINERD = new ContainerdFixture();

    @RegisterExtension
    @Order(2)
    static final LiveServer SERVER = new LiveServer(CONTAINERD);

    private static Containers containers() {
        return SERVER.client().containers();
    }

    private static ContainerSpec.Builder script(String script) {
        return LiveServer.busybox("sh", "-c", script);
    }

    private static HawseException fails(Code code, Reason reason, ThrowingCallable call) {
        var e = catchThrowableOfType(HawseException.class, call);
        assertThat(e).isNotNull();
        assertThat(e.code()).isEqualTo(code);
        assertThat(e.reason()).isEqualTo(reason);
        return e;
    }

    private static String text(RecordStream<LogRecord> log) {
        try (log) {
            return log.stream().map(LogRecord::utf8).collect(Collectors.joining());
        }
    }

    @Test
    void runCarriesOutputAndCodeAndLeavesNothing() throws IOException {
        try (var session = containers()
                .run(
                        script("echo out; echo err >&2; read x; echo got $x; exit 3")
                                .stdin()
                                .build(),
                        RunOption.REMOVE_AT_EXIT)) {
            session.stdin().write("input\n".getBytes(UTF_8));
            assertThat(new String(session.stdout().readAllBytes(), UTF_8)).isEqualTo("out\ngot input\n");
            assertThat(new String(session.stderr().readAllBytes(), UTF_8)).isEqualTo("err\n");
            assertThat(session.awaitExit().status()).isEqualTo(new ExitStatus.Code(3));
            fails(Code.NOT_FOUND, Reason.CONTAINER_NOT_FOUND, () -> containers().get(session.containerId()));
        }
    }

    @Test
    void runLosesNoByteOfAShortLife() {
        var tasks = IntStream.range(0, 10)
                .mapToObj(_ -> CompletableFuture.runAsync(() -> {
                    try (var session = containers().run(script("seq 1 20000").build(), RunOption.REMOVE_AT_EXIT)) {
                        assertThat(session.stdout().readAllBytes()).hasSize(108_894);
                        assertThat(session.missedBytes()).isZero();
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                }))
                .toList();
        tasks.forEach(CompletableFuture::join);
    }

    @Test
    void programThatCannotBeExecutedIsAResultOfRun() {
        try (var session =
                containers().run(LiveServer.busybox("no-such-program").build(), RunOption.REMOVE_AT_EXIT)) {
            assertThat(session.awaitExit().shellCode()).isEqualTo(127);
        }
        var e = fails(
                Code.FAILED_PRECONDITION,
                Reason.OCI_RUNTIME_FAILED,
                () -> containers().runDetached(LiveServer.busybox("/etc/passwd").build()));
        assertThat(e.metadata()).containsEntry("spawn_failure", "NOT_EXECUTABLE");
    }

    @Test
    void containerGoesWithItsCallerIfAskedSo() {
        var session = containers().run(script("sleep 1000").build(), RunOption.KILL_ON_CLOSE, RunOption.REMOVE_AT_EXIT);
        var id = session.containerId();
        session.close();
        await().until(() -> containers().stream(ContainerFilter.ALL).noneMatch(c -> c.id().equals(id)));
    }

    @Test
    void containerStaysWhenItsCallerGoes() {
        var session = containers().run(script("sleep 1000").build(), RunOption.REMOVE_AT_EXIT);
        var id = session.containerId();
        session.close();
        assertThat(containers().get(id).state()).isEqualTo(ContainerState.RUNNING);
        containers().kill(id);
        await().until(() -> containers().stream(ContainerFilter.ALL).noneMatch(c -> c.id().equals(id)));
    }

    @Test
    void aContainerLivesItsLife() {
        var created = SERVER.create(script("trap 'exit 5' TERM; echo ready; while :; do sleep 0.05; done"));
        var id = created.id();
        assertThat(created.state()).isEqualTo(ContainerState.CREATED);
        var started = containers().start(id);
        assertThat(started.state()).isEqualTo(ContainerState.RUNNING);
        assertThat(containers().start(id).pid()).isEqualTo(started.pid());
        assertThat(containers().pause(id).state()).isEqualTo(ContainerState.PAUSED);
        fails(
                Code.FAILED_PRECONDITION,
                Reason.CONTAINER_STATE,
                () -> SERVER.client().run(id, "true"));
        assertThat(containers().resume(id).state()).isEqualTo(ContainerState.RUNNING);
        assertThat(SERVER.client().run(id, "true").success()).isTrue();
        assertThat(containers().restart(id).pid()).isNotEqualTo(started.pid());
        await().until(() -> text(containers().logs(id, LogQuery.ALL)).equals("ready\nready\n"));
        var stopped = containers().stop(id);
        assertThat(stopped.killed()).isFalse();
        assertThat(stopped.container().exit()).isEqualTo(new ExitStatus.Code(5));
        assertThat(containers().stop(id).container().state()).isEqualTo(ContainerState.EXITED);
        assertThat(containers().remove(id, false)).isEqualTo(id);
        fails(Code.NOT_FOUND, Reason.CONTAINER_NOT_FOUND, () -> containers().get(id));
    }

    @Test
    void stopKillsWhatDoesNotEnd() {
        var box = SERVER.idle();
        var stopped = containers().stop(box, Duration.ofMillis(300), "");
        assertThat(stopped.killed()).isTrue();
        assertThat(stopped.container().exit()).isEqualTo(new ExitStatus.Signal(9));
    }

    @Test
    void everyViewerSeesWhatIsWrittenFromNowOn() throws IOException {
        var box = SERVER.run(script("read x; echo $x; read y; exit $y").stdin()).id();
        var viewers = Stream.generate(() -> containers().attach(box, AttachSpec.WATCH))
                .limit(4)
                .toList();
        try (var writer = containers().attach(box, AttachSpec.INTERACTIVE)) {
            writer.stdin().write("all of you\n".getBytes(UTF_8));
            viewers.getFirst().close();
            writer.stdin().write("6\n".getBytes(UTF_8));
            for (AttachSession viewer : viewers.subList(1, 4)) {
                assertThat(new String(viewer.stdout().readAllBytes(), UTF_8)).isEqualTo("all of you\n");
                assertThat(viewer.awaitExit().status()).isEqualTo(new ExitStatus.Code(6));
            }
            assertThat(writer.awaitExit().status()).isEqualTo(new ExitStatus.Code(6));
        }
    }

    @Test
    void attachedTerminalIsResized() throws IOException {
        var box = SERVER.run(script("while read x; do stty size; done").stdin().terminal(new TerminalSize(80, 24)));
        try (var session = containers().attach(box.id(), AttachSpec.INTERACTIVE.withSize(new TerminalSize(101, 31)))) {
            assertThat(session.terminal()).isTrue();
            var seen = new StringBuilder();
            while (seen.indexOf("31 101") < 0) {
                session.stdin().write('\n');
                var piece = new byte[1000];
                seen.append(new String(piece, 0, session.stdout().read(piece), UTF_8));
            }
        }
    }

    @Test
    void logIsThereWhileItIsWrittenAndAfterwards() {
        var box = SERVER.run(
                        script("echo one; echo two >&2; read x; echo three").stdin())
                .id();
        try (var following = containers().logs(box, LogQuery.FOLLOW);
                var writer = containers().attach(box, AttachSpec.INTERACTIVE)) {
            var seen = new StringBuilder();
            while (seen.length() < 8) {
                seen.append(following.next().utf8());
            }
            assertThat(seen.toString()).contains("one\n").contains("two\n");
            writer.stdin().close();
            assertThat(text(following)).isEqualTo("three\n");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        assertThat(text(containers().logs(box, LogQuery.ALL))).hasSize(14).endsWith("three\n");
        assertThat(text(containers().logs(box, LogQuery.ALL.tail(1)))).isEqualTo("three\n");
        assertThat(text(containers().logs(box, LogQuery.ALL.only(OutputKind.STDERR))))
                .isEqualTo("two\n");
    }

    @Test
    void listsAreFilteredAndPaged() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var made = IntStream.range(0, 105)
                    .mapToObj(i -> threads.submit(() -> SERVER.create(LiveServer.busybox("true")
                                    .name("page-" + i)
                                    .label("shape", i % 2 == 0 ? "even" : "odd"))
                            .name()))
                    .toList();
            for (var name : made) {
                name.get();
            }
        }
        SERVER.run(LiveServer.busybox("sleep", "1000").name("runner"));
        assertThat(names(ContainerFilter.ALL))
                .hasSize(106)
                .doesNotHaveDuplicates()
                .first()
                .isEqualTo("runner");
        assertThat(names(ContainerFilter.ALIVE)).containsExactly("runner");
        assertThat(names(ContainerFilter.builder().label("shape", "even").build()))
                .hasSize(53);
        assertThat(names(ContainerFilter.builder().label("shape", "").build())).hasSize(105);
        assertThat(names(ContainerFilter.builder().nameContains("page-10").build()))
                .containsExactlyInAnyOrder("page-10", "page-100", "page-101", "page-102", "page-103", "page-104");
        assertThat(names(ContainerFilter.builder().image("nothing").build())).isEmpty();
        assertThat(names(ContainerFilter.builder()
                        .image("hawse/busybox:test")
                        .container("page-7")
                        .build()))
                .containsExactly("page-7");
    }

    private static List<String> names(ContainerFilter filter) {
        return containers().stream(filter).map(Container::name).toList();
    }

    @Test
    void namesAreTakenOnceAndFreeAgain() {
        var first = SERVER.create(LiveServer.busybox("true").name("first"));
        var second = SERVER.create(LiveServer.busybox("true").name("second"));
        fails(
                Code.ALREADY_EXISTS,
                Reason.NAME_IN_USE,
                () -> SERVER.create(LiveServer.busybox("true").name("first")));
        fails(Code.ALREADY_EXISTS, Reason.NAME_IN_USE, () -> containers().rename("second", "first"));
        assertThat(containers().rename("first", "other").id()).isEqualTo(first.id());
        assertThat(containers().rename("second", "first").id()).isEqualTo(second.id());
        containers().remove("other");
        assertThat(SERVER.create(LiveServer.busybox("true").name("other")).name())
                .isEqualTo("other");
    }

    @Test
    void ofSeveralWhoCreateOneNameOneWins() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var outcomes = IntStream.range(0, 8)
                    .mapToObj(_ -> threads.submit(() -> {
                        try {
                            SERVER.create(LiveServer.busybox("true").name("wanted"));
                            return "won";
                        } catch (HawseException e) {
                            return e.reason().name();
                        }
                    }))
                    .toList();
            var seen = new ArrayList<String>();
            for (var outcome : outcomes) {
                seen.add(outcome.get());
            }
            assertThat(seen).containsOnlyOnce("won").containsOnly("won", "NAME_IN_USE");
        }
    }

    @Test
    void runningContainerIsRemovedOnlyByForce() {
        var box = SERVER.idle();
        var e = fails(
                Code.FAILED_PRECONDITION,
                Reason.CONTAINER_STATE,
                () -> containers().remove(box));
        assertThat(e.metadata()).containsEntry("container", box).containsEntry("state", "RUNNING");
        containers().remove(box, true);
        fails(Code.NOT_FOUND, Reason.CONTAINER_NOT_FOUND, () -> containers().remove(box, true));
    }

    @Test
    void eventsComeInOrderAndMayBeResumed() {
        List<Event> seen = new ArrayList<>();
        try (var events = SERVER.client().events().watch(EventFilter.ALL)) {
            var box = SERVER.run(LiveServer.busybox("sleep", "1000")).id();
            SERVER.client().run(box, "false");
            containers().kill(box);
            containers().remove(box, true);
            do {
                seen.add(events.next());
            } while (seen.getLast().type() != EventType.CONTAINER_REMOVED);
            assertThat(seen)
                    .filteredOn(e -> e.containerId().equals(box))
                    .extracting(Event::type)
                    // The server keeps its own notes among a container's labels.
                    .filteredOn(t -> t != EventType.CONTAINER_UPDATED)
                    .containsExactly(
                            EventType.CONTAINER_CREATED,
                            EventType.CONTAINER_STARTED,
                            EventType.EXEC_STARTED,
                            EventType.EXEC_EXITED,
                            EventType.CONTAINER_EXITED,
                            EventType.CONTAINER_REMOVED);
            assertThat(seen).extracting(Event::sequence).isSorted().doesNotHaveDuplicates();
            assertThat(seen)
                    .filteredOn(e -> e.type() == EventType.EXEC_EXITED)
                    .first()
                    .satisfies(e -> assertThat(e.exit()).isEqualTo(new ExitStatus.Code(1)));
        }
        var third = seen.get(2);
        try (var again = SERVER.client().events().watch(third.sequence(), EventFilter.ALL)) {
            for (var expected : seen.subList(2, seen.size())) {
                assertThat(again.next()).isEqualTo(expected);
            }
        }
        fails(
                Code.OUT_OF_RANGE,
                Reason.SEQUENCE_OUT_OF_RANGE,
                () -> SERVER.client().events().watch(1, EventFilter.ALL));
    }

    @Test
    void waitsEndWhenWhatTheyWaitForIsSo() throws Exception {
        var id = SERVER.create(script("exit 8")).id();
        assertThat(containers().waitFor(id)).isEmpty();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var next = threads.submit(() -> containers().waitFor(id, WaitCondition.NEXT_EXIT));
            var removed = threads.submit(() -> containers().waitFor(id, WaitCondition.REMOVED));
            await().during(Duration.ofMillis(300)).until(() -> !next.isDone() && !removed.isDone());
            containers().start(id);
            assertThat(next.get().orElseThrow().status()).isEqualTo(new ExitStatus.Code(8));
            assertThat(containers().waitFor(id).orElseThrow().status()).isEqualTo(new ExitStatus.Code(8));
            assertThat(removed.isDone()).isFalse();
            containers().remove(id);
            assertThat(removed.get().orElseThrow().status()).isEqualTo(new ExitStatus.Code(8));
        }
    }

    @Test
    void errorsSayWhatIsWrong() {
        var unknown = fails(
                Code.NOT_FOUND, Reason.CONTAINER_NOT_FOUND, () -> containers().get("nowhere"));
        assertThat(unknown.metadata()).containsEntry("container", "nowhere");
        assertThat(unknown).hasMessageContaining("nowhere");

        var bad =
                LiveServer.busybox("true").name("-bad").hostname("under_score").workingDir("relative");
        var invalid = fails(Code.INVALID_ARGUMENT, Reason.INVALID_FIELD, () -> SERVER.create(bad));
        assertThat(invalid.violations()).extracting(v -> v.field()).contains("name", "working_dir");

        var image =
                fails(Code.NOT_FOUND, Reason.IMAGE_NOT_FOUND, () -> SERVER.create(ContainerSpec.builder("nothing")));
        assertThat(image.metadata()).containsKey("image");

        var created = SERVER.create(LiveServer.busybox("true")).id();
        var state = fails(
                Code.FAILED_PRECONDITION,
                Reason.CONTAINER_STATE,
                () -> SERVER.client().run(created, "true"));
        assertThat(state.metadata()).containsEntry("container", created).containsEntry("state", "CREATED");
        fails(
                Code.FAILED_PRECONDITION,
                Reason.CONTAINER_STATE,
                () -> containers().kill(created));

        var user = LiveServer.busybox("true").user("stranger");
        fails(Code.FAILED_PRECONDITION, Reason.USER_NOT_FOUND, () -> SERVER.run(user));
    }

    @Test
    void containersAreFoundByNameAndUniquePrefix() {
        var one = SERVER.create(LiveServer.busybox("true").name("findme"));
        assertThat(containers().get("findme").id()).isEqualTo(one.id());
        assertThat(containers().get(one.id().substring(0, 16)).id()).isEqualTo(one.id());
    }
}
