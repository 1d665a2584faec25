package dev.hawse.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ReadmeExampleTest {

    /** The module's directory, in which Surefire runs. */
    private static final Path EXAMPLE = Path.of("src/test/java/dev/hawse/client/ReadmeExample.java");

    private static final Path README = Path.of("../../README.md");

    @Test
    void theReadmeShowsTheExampleThatIsCompiled() throws IOException {
        var compiled = between(Files.readString(EXAMPLE), "// tag::example\n", "// end::example");

        assertThat(between(Files.readString(README), "```java\n", "```")).isEqualTo(compiled.stripIndent());
    }

    private static String between(String text, String begin, String end) {
        int from = text.indexOf(begin) + begin.length();
        return text.substring(from, text.indexOf(end, from));
    }
}
