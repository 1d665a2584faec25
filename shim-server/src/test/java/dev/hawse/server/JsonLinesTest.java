package dev.hawse.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class JsonLinesTest {

    @Test
    void anEventIsOneObjectInOneLine() throws IOException {
        var logger = new LoggerContext().getLogger("dev.hawse.X");
        var event = new LoggingEvent(
                "", logger, Level.WARN, "a {} \n\u001b b", new IllegalStateException("broken"), new Object[] {"ü"});

        var line = new String(new JsonLines().encode(event), UTF_8);

        assertThat(line.lines()).hasSize(1);
        var json = new JsonMapper().readTree(line);
        assertThat(json.path("message").textValue()).isEqualTo("a ü \n\u001b b");
        assertThat(json.path("level").textValue()).isEqualTo("WARN");
        assertThat(json.path("logger").textValue()).isEqualTo("dev.hawse.X");
        assertThat(json.path("thread").textValue()).isNotEmpty();
        assertThat(json.path("error").textValue()).contains("IllegalStateException: broken", "JsonLinesTest");
        assertThat(json.path("time").textValue()).matches("\\d{4}-.*Z");
    }
}
