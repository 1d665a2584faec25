package dev.hawse.state;

import static dev.hawse.state.Records.get;
import static dev.hawse.state.Records.pending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.runtime.RuntimeFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RequestIdsTest {

    private final MovingClock clock = new MovingClock();

    @TempDir
    private Path dir;

    private StateStore store;
    private ExecRecords execs;

    @BeforeEach
    void open() throws StateException {
        store = StateStore.open(dir, clock);
        execs = store.execs();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static RequestId id(String key) {
        return new RequestId("StartExec", key);
    }

    private CompletableFuture<Claim> claim(RequestId id, String result) {
        return execs.begin(pending(result, "h"), id);
    }

    @Test
    void ofManyAtOnceOneIsTheFirst() {
        var claims = IntStream.range(0, 100).mapToObj(i -> claim(id("k"), "e" + i)).toList().stream()
                .map(Records::get)
                .toList();
        assertThat(claims).filteredOn(Claim.First.class::isInstance).hasSize(1);
        assertThat(claims).filteredOn(new Claim.Known("h", "e0", false)::equals).hasSize(99);
        assertThat(execs.all()).extracting(ExecRecord::id).containsExactly("e0");
    }

    @Test
    void theSameKeyOfAnotherMethodIsAnotherRequest() {
        get(claim(id("k"), "e1"));
        assertThat(get(claim(new RequestId("RunExec", "k"), "e2"))).isEqualTo(new Claim.First());
    }

    @Test
    void whatIsOverIsForgottenAfterADayAndWhatIsNotNever() {
        get(claim(id("over"), "e1"));
        get(claim(id("open"), "e2"));
        get(execs.ended("e1", "{}", 0, 0));
        clock.move(Duration.ofHours(24));
        assertThat(get(claim(id("over"), "e3"))).isEqualTo(new Claim.Known("h", "e1", true));
        clock.move(Duration.ofSeconds(1));
        assertThat(get(claim(id("over"), "e3"))).isEqualTo(new Claim.First());
        assertThat(get(claim(id("open"), "e4"))).isEqualTo(new Claim.Known("h", "e2", false));
    }

    @Test
    void theOldestThatIsOverMakesRoom() {
        fill();
        get(execs.ended("e7", "{}", 0, 0));
        clock.move(Duration.ofSeconds(1));
        get(execs.ended("e3", "{}", 0, 0));
        assertThat(get(claim(id("new"), "new"))).isEqualTo(new Claim.First());
        assertThat(get(claim(id("3"), "again-3"))).isEqualTo(new Claim.Known("h", "e3", true));
        assertThat(get(claim(id("7"), "again-7"))).isEqualTo(new Claim.First());
    }

    @Test
    void thereIsALimitToWhatIsUnderWay() {
        fill();
        assertThatThrownBy(() -> get(claim(id("new"), "new")))
                .isInstanceOf(RuntimeFailure.class)
                .hasMessageContaining("10000 requests");
        assertThat(get(claim(id("0"), "again"))).isEqualTo(new Claim.Known("h", "e0", false));
        get(execs.withdraw("e0"));
        assertThat(get(claim(id("new"), "new"))).isEqualTo(new Claim.First());
    }

    private void fill() {
        for (int from = 0; from < RequestIds.MOST; from += 1000) {
            get(CompletableFuture.allOf(IntStream.range(from, from + 1000)
                    .mapToObj(i -> claim(id("" + i), "e" + i))
                    .toArray(CompletableFuture[]::new)));
        }
    }
}
