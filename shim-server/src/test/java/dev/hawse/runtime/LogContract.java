package dev.hawse.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.testing.LogRecorder;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a container's main process wrote, kept beyond its end. */
public abstract class LogContract extends ContainerRuntimeContract {

    private static LogQuery tail(long lines) {
        return new LogQuery(false, null, null, lines, Set.of());
    }

    private static LogQuery between(@Nullable Instant since, @Nullable Instant until) {
        return new LogQuery(false, since, until, null, Set.of());
    }

    private static LogQuery only(OutputKind stream) {
        return new LogQuery(false, null, null, null, Set.of(stream));
    }

    private static LogQuery follow() {
        return new LogQuery(true, null, null, null, Set.of());
    }

    private ContainerId ended(String script) {
        var id = running(script(script)).id();
        awaitExit(id);
        return id;
    }

    @Test
    void whatNeverRanHasAnEmptyLog() {
        var id = create(busybox("true")).id();
        assertThat(logs(id, LogQuery.ALL).records()).isEmpty();
        assertThat(logs(id, follow()).records()).isEmpty();
    }

    @Test
    void logIsCompleteWhenTheEndIsKnown() {
        for (int i = 0; i < 5; i++) {
            var log = logs(ended("seq 1 20000; echo error >&2"), LogQuery.ALL);
            assertThat(log.text(OutputKind.STDOUT)).hasSize(108_894).endsWith("20000\n");
            assertThat(log.text(OutputKind.STDERR)).isEqualTo("error\n");
        }
    }

    @Test
    void recordsHaveTheirTimeAndOrder() {
        var before = Instant.now();
        var log = logs(ended("echo one; sleep 0.2; echo two; sleep 0.2; echo three"), LogQuery.ALL);
        assertThat(log.records()).extracting(LogRecorder.Line::text).containsExactly("one\n", "two\n", "three\n");
        assertThat(log.records())
                .extracting(LogRecorder.Line::time)
                .isSorted()
                .allSatisfy(t -> assertThat(t).isBetween(before, Instant.now()));
    }

    @Test
    void streamsAreToldApart() {
        var id = ended("echo out; echo err >&2");
        assertThat(logs(id, only(OutputKind.STDOUT)).text()).isEqualTo("out\n");
        assertThat(logs(id, only(OutputKind.STDERR)).text()).isEqualTo("err\n");
    }

    @Test
    void tailIsOfLines() {
        var id = ended("seq 1 100; printf 'no end'");
        assertThat(logs(id, tail(2)).text()).isEqualTo("100\nno end");
        assertThat(logs(id, tail(0)).text()).isEmpty();
        assertThat(logs(id, tail(1000)).text()).startsWith("1\n2\n");
    }

    @Test
    void timesBoundTheLog() {
        var id = ended("echo one; sleep 0.2; echo two; sleep 0.2; echo three");
        var second = logs(id, LogQuery.ALL).records().get(1).time();
        assertThat(logs(id, between(second, null)).text()).isEqualTo("two\nthree\n");
        assertThat(logs(id, between(null, second)).text()).isEqualTo("one\n");
        assertThat(logs(id, between(second, second.plusMillis(1))).text()).isEqualTo("two\n");
    }

    @Test
    void followingGoesOnUntilTheEnd() {
        var id = running(script("echo one; while [ ! -e /go ]; do sleep 0.05; done; echo two"))
                .id();
        var sink = new LogRecorder();
        try (var session = containers().logs(id, follow(), sink)) {
            session.resume();
            sink.awaitText("one");
            assertThat(sink.ended()).isFalse();
            sh(id, "touch /go");
            sink.awaitEnd();
        }
        assertThat(sink.text()).isEqualTo("one\ntwo\n");
    }

    @Test
    void followingOneThatHasEndedEndsToo() {
        assertThat(logs(ended("echo all"), follow()).text()).isEqualTo("all\n");
    }

    @Test
    void readingARunningOneEndsAtWhatThereIs() {
        var id = running(script("echo now; sleep 1000")).id();
        awaitLog(id, "now");
        assertThat(logs(id, LogQuery.ALL).text()).isEqualTo("now\n");
    }

    @Test
    void restartedContainerGoesOnInTheSameLog() {
        var id = running(script("echo run; sleep 1000")).id();
        awaitLog(id, "run");
        containers().restart(id, Duration.ZERO, null);
        Awaitility.await().until(() -> logs(id, LogQuery.ALL).text().equals("run\nrun\n"));
    }

    @Test
    void everyRunIsInTheLogWhenTheyFollowFast() {
        var id = create(script("seq 1 3000")).id();
        for (int i = 0; i < 10; i++) {
            containers().start(id);
            awaitExit(id);
        }
        assertThat(logs(id, LogQuery.ALL).text()).hasSize(10 * 13_893);
    }

    @Test
    void closedReaderIsNotCalledAgain() {
        var id = running(script("while true; do echo tick; sleep 0.02; done")).id();
        var sink = new LogRecorder();
        var session = containers().logs(id, follow(), sink);
        session.resume();
        sink.awaitText("tick");
        session.close();
        containers().stop(id, Duration.ZERO, null);
        assertThat(sink.ended()).isFalse();
    }

    @Test
    void bytesAreKeptAsTheyAre() {
        var io = new ProcessIo(false, TerminalSize.DEFAULT);
        var id = running(busybox("printf", "a\\tb\\001\\033[31m").io(io)).id();
        awaitExit(id);
        assertThat(logs(id, LogQuery.ALL).text()).isEqualTo("a\tb\u0001\u001b[31m");
    }

    @Test
    void logGoesWithItsContainer() {
        var id = ended("echo gone");
        containers().remove(id, false);
        failing(Reason.CONTAINER_NOT_FOUND, () -> logs(id, LogQuery.ALL));
    }
}
