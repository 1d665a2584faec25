package dev.hawse.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.server.config.HawseConfig;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoggingTest {

    @Test
    void callersThatLeaveInTheMiddleAreNotWarnedOf() {
        Logging.configure(HawseConfig.defaults().log());

        assertThat(LoggerFactory.getLogger("io.grpc.netty.NettyServerHandler").isWarnEnabled())
                .isFalse();
        assertThat(LoggerFactory.getLogger("io.grpc").isWarnEnabled()).isTrue();
    }
}
