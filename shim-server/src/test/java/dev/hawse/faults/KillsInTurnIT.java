package dev.hawse.faults;

import static dev.hawse.faults.Daemons.busybox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.Event;
import dev.hawse.client.EventFilter;
import dev.hawse.client.EventType;
import dev.hawse.client.ExitStatus;
import dev.hawse.faults.Hawsed.Setup;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The server and containerd are killed by turns, and both at once, with kill -9: whoever watches learns everything once. */
@Timeout(180)
final class KillsInTurnIT {

    @RegisterExtension
    static final Daemons DAEMONS = new Daemons();

    private static final int ROUNDS = 6;
    private static final String LAST = "last";

    @Test
    void noStartAndNoEndIsMissingNorToldTwice() throws IOException {
        long first;
        try (var watch = DAEMONS.client().events().watch(EventFilter.ALL)) {
            first = watch.nextSequence();
        }
        var ids = new ArrayList<String>();
        for (int i = 0; i < ROUNDS; i++) {
            var server = i % 3 != 1;
            var containerd = i % 3 != 0;
            ids.add(DAEMONS.run(busybox("sh", "-c", "sleep 0.3; exit 21")).id());
            var pid = DAEMONS.containers().get(ids.getLast()).pid();
            if (server) {
                DAEMONS.hawsed().kill();
            }
            if (containerd) {
                DAEMONS.containerd().kill();
            }
            // It ends while nobody watches.
            await().atMost(Duration.ofSeconds(10)).until(() -> Processes.isGone(pid));
            if (containerd) {
                DAEMONS.containerd().start();
            }
            if (server) {
                DAEMONS.hawsed().start(Setup.PLAIN);
            }
            DAEMONS.awaitContainerd();
        }
        ids.add(DAEMONS.run(busybox("sh", "-c", "exit 21").name(LAST)).id());
        DAEMONS.containers().waitFor(LAST);

        var told = from(first, ids.getLast());
        assertThat(told.stream().map(Event::sequence)).isSorted().doesNotHaveDuplicates();
        for (var id : ids) {
            assertThat(told.stream().filter(e -> e.containerId().equals(id)))
                    .as("of %s, which is number %d", id, ids.indexOf(id))
                    .extracting(Event::type)
                    .containsExactly(
                            EventType.CONTAINER_CREATED, EventType.CONTAINER_STARTED, EventType.CONTAINER_EXITED);
        }
        assertThat(told.stream().filter(e -> e.type() == EventType.CONTAINER_EXITED))
                .extracting(Event::exit)
                .containsOnly(new ExitStatus.Code(21));
    }

    /** Everything from a number to the end of a container. */
    private static List<Event> from(long first, String last) {
        var told = new ArrayList<Event>();
        try (var watch = DAEMONS.client().events().watch(first, EventFilter.ALL)) {
            while (told.isEmpty()
                    || !told.getLast().containerId().equals(last)
                    || told.getLast().type() != EventType.CONTAINER_EXITED) {
                told.add(watch.next());
            }
        }
        return told;
    }
}
