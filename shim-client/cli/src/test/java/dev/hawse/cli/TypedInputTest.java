package dev.hawse.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.client.OutputKind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TypedInputTest {

    private long now = 1;

    private static String pass(TypedInput input, String typed) {
        var bytes = typed.getBytes(StandardCharsets.US_ASCII);
        return new String(input.pass(bytes, bytes.length), StandardCharsets.US_ASCII);
    }

    private TypedInput replaying(long bytes) {
        return new TypedInput(bytes, () -> now);
    }

    @Test
    void whatATerminalAnswersToAReplayIsNotTyped() {
        var input = replaying(10);
        assertThat(pass(input, "\u001b[?1;2c")).isEmpty();
        input.shown(OutputKind.STDOUT, 9);
        assertThat(pass(input, "x")).isEmpty();
        input.shown(OutputKind.STDERR, 100);
        assertThat(pass(input, "x")).isEmpty();
        input.shown(OutputKind.STDOUT, 1);
        now += TypedInput.ANSWER_NANOS - 1;
        assertThat(pass(input, "\u001b[24;80R")).isEmpty();
        now += 2;
        assertThat(pass(input, "ls\n")).isEqualTo("ls\n");
    }

    @Test
    void withoutReplayEverythingIsTyped() {
        assertThat(pass(replaying(0), "a")).isEqualTo("a");
    }

    @Test
    void detachKeysWorkWhileReplaying() {
        var input = replaying(10);
        input.detachBy(DetachKeys.parse(DetachKeys.DEFAULT));
        assertThat(pass(input, "\u0010")).isEmpty();
        assertThat(input.isLeaving()).isFalse();
        assertThat(pass(input, "\u0011")).isEmpty();
        assertThat(input.isLeaving()).isTrue();
    }

    @Test
    void whileTheServerIsAwayNothingIsTypedAndCtrlCLeaves() {
        var input = replaying(0);
        input.away(true);
        assertThat(pass(input, "rm -rf x\n")).isEmpty();
        assertThat(input.isLeaving()).isFalse();
        input.away(false);
        assertThat(pass(input, "\u0003")).isEqualTo("\u0003");
        assertThat(input.isLeaving()).isFalse();
        input.away(true);
        assertThat(pass(input, "\u0003")).isEmpty();
        assertThat(input.isLeaving()).isTrue();
    }
}
