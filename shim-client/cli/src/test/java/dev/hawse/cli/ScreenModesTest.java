package dev.hawse.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ScreenModesTest {

    private static final String VI = "\033[?1049h\033[?1h\033[?2004h\033[?25l\033[1;1H~\033[m";

    private final ScreenModes modes = new ScreenModes();

    @Test
    void whoLeavesAnEditorGetsTheScreenAndTheCursorBack() {
        modes.shown(VI.getBytes(UTF_8));
        assertThat(modes.reset()).isEqualTo("\033[?1l\033[?25h\033[?1049l\033[?2004l\033[0m");
    }

    @Test
    void sequencesThatAreCutAnywhereAreSeen() {
        for (var b : VI.getBytes(UTF_8)) {
            modes.shown(new byte[] {b});
        }
        assertThat(modes.reset()).contains("\033[?1049l", "\033[?25h");
    }

    @Test
    void severalModesInOneSequenceAreSeen() {
        modes.shown("\033[?1000;1006h".getBytes(UTF_8));
        assertThat(modes.reset()).isEqualTo("\033[?1000l\033[?1006l\033[0m");
    }

    @Test
    void whatTheProcessPutBackItselfIsLeftAlone() {
        modes.shown((VI + "\033[?1049l\033[?1l\033[?2004l\033[?25h").getBytes(UTF_8));
        assertThat(modes.reset()).isEmpty();
    }

    @Test
    void shellThatOnlyWritesTextChangesNothing() {
        modes.shown("\033[1;32m/ # \033[0mls ?1049h [?25l\r\n\033]0;title\007".getBytes(UTF_8));
        assertThat(modes.reset()).isEmpty();
    }
}
