package dev.hawse.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** How containers are named, found and listed. */
public abstract class NamesContract extends ContainerRuntimeContract {

    @Test
    void namesAreMadeUpAndDiffer() {
        var names = IntStream.range(0, 10)
                .mapToObj(_ -> create(busybox("true")).name())
                .collect(Collectors.toSet());
        assertThat(names).hasSize(10).allSatisfy(ContainerSpecRules::checkName);
    }

    @Test
    void nameIsTakenUntilItsContainerIsGone() {
        var first = create(busybox("true").name("taken"));
        assertThat(first.name()).isEqualTo("taken");
        var failure = failing(Reason.NAME_IN_USE, () -> create(busybox("true").name("taken")));
        assertThat(failure.metadata()).containsEntry("container", first.id().value());
        containers().remove(first.id(), false);
        assertThat(create(busybox("true").name("taken")).id()).isNotEqualTo(first.id());
    }

    @Test
    void ofManyThatWantANameAtOnceOneGetsIt() throws InterruptedException {
        var wanting = new ArrayList<Callable<Boolean>>();
        for (int i = 0; i < 8; i++) {
            wanting.add(() -> {
                try {
                    create(busybox("true").name("wanted"));
                    return true;
                } catch (RuntimeFailure e) {
                    assertThat(e.reason()).isEqualTo(Reason.NAME_IN_USE);
                    return false;
                }
            });
        }
        try (var workers = Executors.newVirtualThreadPerTaskExecutor()) {
            assertThat(workers.invokeAll(wanting).stream().map(f -> f.resultNow()))
                    .containsOnlyOnce(true);
        }
    }

    @Test
    void renamedContainerIsFoundByItsNewNameAlone() {
        var id = create(busybox("true").name("before")).id();
        assertThat(containers().rename(id, "after").name()).isEqualTo("after");
        assertThat(containers().get("after").id()).isEqualTo(id);
        failing(Reason.CONTAINER_NOT_FOUND, () -> containers().get("before"));
        create(busybox("true").name("before"));
    }

    @Test
    void runningContainerIsRenamedAndKeepsRunning() {
        var id = idle();
        assertThat(containers().rename(id, "renamed").state()).isEqualTo(ContainerState.RUNNING);
        assertThat(sh(id, "echo alive").out()).isEqualTo("alive\n");
    }

    @Test
    void nameOfAnotherIsRefusedAndNothingChanges() {
        create(busybox("true").name("one"));
        var two = create(busybox("true").name("two")).id();
        failing(Reason.NAME_IN_USE, () -> containers().rename(two, "one"));
        assertThat(containers().get("two").id()).isEqualTo(two);
        assertThat(containers().rename(two, "two").name()).isEqualTo("two");
        assertThat(containers().get("two").id()).isEqualTo(two);
    }

    @Test
    void badNamesAreRefused() {
        var id = create(busybox("true")).id();
        for (var name : List.of("", "x", "../x", "a/b", "a\nb", "-rf", "..", "ü2", "a".repeat(65))) {
            failing(Reason.INVALID_FIELD, () -> containers().rename(id, name));
            if (!name.isEmpty()) {
                failing(Reason.INVALID_FIELD, () -> create(busybox("true").name(name)));
            }
        }
    }

    @Test
    void idPrefixIsEnoughWhenItIsUnique() {
        var ids = new ArrayList<ContainerId>();
        var digits = new HashSet<Character>();
        var shared = '\0';
        while (shared == '\0') {
            var id = create(busybox("true")).id();
            ids.add(id);
            shared = digits.add(id.value().charAt(0)) ? '\0' : id.value().charAt(0);
        }
        var ambiguous = String.valueOf(shared);
        failing(Reason.AMBIGUOUS_ID, () -> containers().get(ambiguous));
        for (var id : ids) {
            assertThat(containers().get(id.shortForm()).id()).isEqualTo(id);
            assertThat(containers().get(id.value()).id()).isEqualTo(id);
        }
    }

    @Test
    void nameGoesBeforeIdPrefix() {
        var first = create(busybox("true")).id();
        var second = create(busybox("true").name(first.shortForm())).id();
        assertThat(containers().get(first.shortForm()).id()).isEqualTo(second);
    }

    @Test
    void whatIsNotThereIsNotFound() {
        failing(Reason.CONTAINER_NOT_FOUND, () -> containers().get("nobody"));
        failing(Reason.CONTAINER_NOT_FOUND, () -> containers().get("\u001b[31m"));
        failing(Reason.INVALID_FIELD, () -> containers().get(""));
        failing(Reason.CONTAINER_NOT_FOUND, () -> containers().start(ContainerId.random()));
    }

    @Test
    void newestIsListedFirst() {
        var before = Instant.now().minusSeconds(5);
        var ids = IntStream.range(0, 3)
                .mapToObj(_ -> create(busybox("true")).id())
                .toList();
        var listed = containers().list();
        assertThat(listed).extracting(Container::id).containsExactly(ids.get(2), ids.get(1), ids.get(0));
        assertThat(listed).allSatisfy(c -> assertThat(c.createdAt()).isAfter(before));
    }
}
