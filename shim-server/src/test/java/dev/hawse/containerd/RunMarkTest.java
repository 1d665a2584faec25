package dev.hawse.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunMarkTest {

    @Test
    void itIsReadAsItWasWritten() {
        var mark = RunMark.now();
        assertThat(RunMark.fromLabel(mark.toLabel())).contains(mark);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "boot", "boot yesterday", "a b c"})
    void whatIsNoMarkIsNone(String label) {
        assertThat(RunMark.fromLabel(label)).isEmpty();
    }

    @Test
    void aRunOfAnotherBootWasLostByTheRestart() {
        assertThat(new RunMark("another", Instant.EPOCH).lossReason()).contains("host was restarted");
        assertThat(RunMark.now().lossReason()).contains("nobody watched");
    }
}
