package dev.hawse.state;

import static dev.hawse.state.Records.get;
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
    private RequestIds ids;

    @BeforeEach
    void open() throws StateException {
        store = StateStore.open(dir, clock);
        ids = store.requestIds();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static RequestId id(String key) {
        return new RequestId("CreateContainer", key);
    }

    @Test
    void ofManyAtOnceOneIsTheFirst() {
        var claims = IntStream.range(0, 100).mapToObj(i -> ids.claim(id("k"), "h", "c" + i)).toList().stream()
                .map(Records::get)
                .toList();
        assertThat(claims).filteredOn(Claim.First.class::isInstance).hasSize(1);
        assertThat(claims).filteredOn(new Claim.Known("h", "c0", false)::equals).hasSize(99);
    }

    @Test
    void theSameKeyOfAnotherMethodIsAnotherRequest() {
        get(ids.claim(id("k"), "h", "c1"));
        assertThat(get(ids.claim(new RequestId("Exec", "k"), "h", "e1"))).isEqualTo(new Claim.First());
    }

    @Test
    void whatIsOverIsForgottenAfterADayAndWhatIsNotNever() {
        get(ids.claim(id("over"), "h", "c1"));
        get(ids.claim(id("open"), "h", "c2"));
        get(ids.ended(id("over")));
        clock.move(Duration.ofHours(24));
        assertThat(get(ids.claim(id("over"), "h", "c3"))).isEqualTo(new Claim.Known("h", "c1", true));
        clock.move(Duration.ofSeconds(1));
        assertThat(get(ids.claim(id("over"), "h", "c3"))).isEqualTo(new Claim.First());
        assertThat(get(ids.claim(id("open"), "h", "c3"))).isEqualTo(new Claim.Known("h", "c2", false));
    }

    @Test
    void theOldestThatIsOverMakesRoom() {
        fill();
        get(ids.ended(id("7")));
        clock.move(Duration.ofSeconds(1));
        get(ids.ended(id("3")));
        assertThat(get(ids.claim(id("new"), "h", "c"))).isEqualTo(new Claim.First());
        assertThat(ids.find(id("7"))).isEmpty();
        assertThat(ids.find(id("3"))).contains(new Claim.Known("h", "c3", true));
    }

    @Test
    void thereIsALimitToWhatIsUnderWay() {
        fill();
        assertThatThrownBy(() -> get(ids.claim(id("new"), "h", "c")))
                .isInstanceOf(RuntimeFailure.class)
                .hasMessageContaining("10000 requests");
        assertThat(ids.find(id("0"))).isPresent();
        get(ids.release(id("0")));
        assertThat(get(ids.claim(id("new"), "h", "c"))).isEqualTo(new Claim.First());
    }

    private void fill() {
        for (int from = 0; from < RequestIds.MOST; from += 1000) {
            get(CompletableFuture.allOf(IntStream.range(from, from + 1000)
                    .mapToObj(i -> ids.claim(id("" + i), "h", "c" + i))
                    .toArray(CompletableFuture[]::new)));
        }
    }
}
