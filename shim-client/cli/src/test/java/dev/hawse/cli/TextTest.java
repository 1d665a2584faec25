package dev.hawse.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.client.DisconnectPolicy;
import dev.hawse.client.DrainPolicy;
import dev.hawse.client.OutputOffsets;
import dev.hawse.client.OutputPolicy;
import dev.hawse.client.ReadFrom;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {

    @ParameterizedTest
    @CsvSource({
        "0, less than a second",
        "1, 1 second",
        "59, 59 seconds",
        "60, 1 minute",
        "7199, 1 hour",
        "86400, 1 day",
        "1209600, 2 weeks",
        "5184000, 2 months",
        "63072000, 2 years"
    })
    void spansAreHuman(long seconds, String text) {
        assertThat(Human.span(Duration.ofSeconds(seconds))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 0B", "999, 999B", "1000, 1.00kB", "4261550, 4.26MB", "12345678, 12.3MB", "999000000000, 999GB"})
    void sizesAreHuman(long bytes, String text) {
        assertThat(Human.size(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"512, 512", "1b, 1", "2k, 2048", "3M, 3145728", "1g, 1073741824", "1gb, 1073741824", "1GiB, 1073741824"
    })
    void sizesAreUnderstood(String text, long bytes) {
        assertThat(Flags.size("--memory", text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({
        "90m, 1969-12-31T23:30:00Z",
        "1h30m, 1969-12-31T23:30:00Z",
        "1.5, 1970-01-01T00:00:01.500Z",
        "2026-11-21T10:00:00+01:00, 2026-11-21T09:00:00Z"
    })
    void timesAreUnderstood(String text, String time) {
        assertThat(Flags.time("--since", text, Instant.EPOCH.plusSeconds(3600))).isEqualTo(Instant.parse(time));
    }

    @Test
    void nothingThatATerminalObeysIsLeft() {
        for (int c = 0; c < 0x10000; c++) {
            int type = Character.getType(c);
            if (type == Character.CONTROL || type == Character.FORMAT) {
                assertThat(Printable.escape(Character.toString(c)))
                        .startsWith("\\")
                        .isASCII();
            }
        }
        assertThat(Printable.escape("häwse 船")).isEqualTo("häwse 船");
        assertThat(Printable.escapeLines("a\tb\n\rc")).isEqualTo("a\tb\n\\x0dc");
        assertThat(Json.line(java.util.List.of("\u001b\u007f\u009b\u202e船")))
                .isASCII()
                .doesNotContain("\u001b")
                .doesNotContain("\u007f");
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0B",
        "1023, 1023B",
        "1024, 1.00KiB",
        "16777216, 16.0MiB",
        "16642998272, 15.5GiB",
        "549755813888, 512GiB"
    })
    void memoryIsInPowersOf1024(long bytes, String text) {
        assertThat(Human.memory(bytes)).isEqualTo(text);
    }

    @Test
    void case76DetachKeysAreFoundHoweverTheyAreSplit() {
        var typed = "ls\u0010\u0010q\u0010\u0011never";
        for (int first = 0; first <= typed.length(); first++) {
            for (int second = first; second <= typed.length(); second++) {
                var keys = DetachKeys.parse(DetachKeys.DEFAULT);
                var passed = pass(keys, typed.substring(0, first))
                        + pass(keys, typed.substring(first, second))
                        + pass(keys, typed.substring(second));
                assertThat(passed).isEqualTo("ls\u0010\u0010q");
                assertThat(keys.found()).isTrue();
            }
        }
    }

    @Test
    void detachKeysAreFoundAcrossReads() {
        var keys = DetachKeys.parse(DetachKeys.DEFAULT);
        assertThat(pass(keys, "ab\u0010")).isEqualTo("ab");
        assertThat(pass(keys, "c")).isEqualTo("\u0010c");
        assertThat(pass(keys, "\u0010\u0010")).isEqualTo("\u0010");
        assertThat(keys.found()).isFalse();
        assertThat(pass(keys, "\u0011rest")).isEmpty();
        assertThat(keys.found()).isTrue();
    }

    @Test
    void otherDetachKeysAreFoundToo() {
        var keys = DetachKeys.parse("a,a,b");
        assertThat(pass(keys, "xaa")).isEqualTo("x");
        assertThat(pass(keys, "a")).isEqualTo("a");
        assertThat(pass(keys, "b")).isEmpty();
        assertThat(keys.found()).isTrue();
        assertThat(pass(DetachKeys.parse("ctrl-\\"), "a\u001cb")).isEqualTo("a");
        for (var bad : List.of("", "ctrl-", "ctrl-P", "ab", "a,,b")) {
            assertThatThrownBy(() -> DetachKeys.parse(bad))
                    .isInstanceOf(CliFailure.class)
                    .hasMessageContaining("--detach-keys");
        }
    }

    @Test
    void valuesOfOurOwnFlagsAreUnderstood() {
        assertThat(ExecFlags.onDisconnect("detach=90s")).isEqualTo(DisconnectPolicy.detach(Duration.ofSeconds(90)));
        assertThat(ExecFlags.output("ring=2m", "1k"))
                .isEqualTo(OutputPolicy.ring(2 << 20).withHistory(1024));
        assertThat(ExecFlags.drain("0")).isEqualTo(DrainPolicy.atMost(Duration.ZERO));
        assertThat(ExecFlags.from("7,8")).isEqualTo(ReadFrom.offsets(new OutputOffsets(7, 8)));
        assertThat(ExecFlags.from("now")).isEqualTo(ReadFrom.NOW);
        List<Runnable> bad = List.of(
                () -> ExecFlags.onDisconnect("stay"),
                () -> ExecFlags.onDisconnect("detach=x"),
                () -> ExecFlags.output("tee", null),
                () -> ExecFlags.drain("-1"),
                () -> ExecFlags.from("-1,2"),
                () -> ExecFlags.from("1,2,3"));
        for (var flag : bad) {
            assertThatThrownBy(flag::run)
                    .isInstanceOf(CliFailure.class)
                    .hasMessageStartingWith("--")
                    .hasMessageContaining("(got ");
        }
    }

    private static String pass(DetachKeys keys, String typed) {
        var bytes = typed.getBytes(StandardCharsets.US_ASCII);
        var out = new ByteArrayOutputStream();
        out.writeBytes(keys.pass(bytes, bytes.length));
        return out.toString(StandardCharsets.US_ASCII);
    }
}
