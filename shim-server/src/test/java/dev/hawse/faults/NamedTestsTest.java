package dev.hawse.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The tests that this package's documentation names are there. */
final class NamedTestsTest {

    private static final Pattern NAMED = Pattern.compile("(\\w+(?:IT|Test|Contract))\\.(\\w+)");

    @Test
    void whatIsNamedIsThere() throws IOException {
        var sources = new HashMap<String, String>();
        for (var root : new String[] {"src/test/java", "../shim-client/client/src/test/java"}) {
            try (var files = Files.walk(Path.of(root))) {
                for (var file :
                        files.filter(f -> f.toString().endsWith(".java")).toList()) {
                    sources.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                }
            }
        }
        var named = NAMED.matcher(Files.readString(Path.of("src/test/java/dev/hawse/faults/package-info.java")));
        var found = new ArrayList<String>();
        while (named.find()) {
            found.add(named.group());
            assertThat(sources.getOrDefault(named.group(1), ""))
                    .as(named.group())
                    .contains("void " + named.group(2) + "(");
        }
        assertThat(found).hasSizeGreaterThan(30);
    }
}
