package dev.hawse.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.client.HawseException.Code;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ConnectionTest {

    private static final Logger NETTY = Logger.getLogger("io.netty.bootstrap");

    @Test
    void nothingIsLoggedOfAUnixSocket() throws Exception {
        var said = new Said();
        NETTY.addHandler(said);
        try (var server = new FakeServer();
                var client = server.client()) {
            assertThatThrownBy(() -> client.containers().get("web"))
                    .isInstanceOfSatisfying(
                            HawseException.class, e -> assertThat(e.code()).isEqualTo(Code.UNIMPLEMENTED));
        } finally {
            NETTY.removeHandler(said);
        }
        // Those with a local address are the test server's.
        assertThat(said.messages).allMatch(message -> message.contains(", L:"));
    }

    private static final class Said extends Handler {

        private final ConcurrentLinkedQueue<String> messages = new ConcurrentLinkedQueue<>();

        @Override
        public void publish(LogRecord logged) {
            messages.add(logged.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }
}
