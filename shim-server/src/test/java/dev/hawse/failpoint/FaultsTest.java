package dev.hawse.failpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultsTest {

    @Test
    void nothingFailsUnlessAsked() {
        assertThat(Faults.parse("").none()).isTrue();
        FailPoint.at("create.named");
        Faults.parse("create.named:throw").strike("create.leased");
    }

    @Test
    void aFaultStrikesAsOftenAsAsked() {
        var faults = Faults.parse("a.b:2*throw,c:delay(20)");
        assertThatThrownBy(() -> faults.strike("a.b")).hasMessage("fail-point a.b");
        assertThatThrownBy(() -> faults.strike("a.b")).isInstanceOf(IllegalStateException.class);
        faults.strike("a.b");
    }

    @Test
    void aDelayTakesItsTime() {
        var began = System.nanoTime();
        Faults.parse("c:delay(20)").strike("c");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(20));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "a:", "a:die", "a:delay", "a:exit,", "a:x*exit", "A B:exit"})
    void whatIsNotUnderstoodIsRefused(String text) {
        assertThatThrownBy(() -> Faults.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("hawse.failpoints");
    }
}
