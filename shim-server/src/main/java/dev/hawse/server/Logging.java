package dev.hawse.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import dev.hawse.server.config.HawseConfig;
import dev.hawse.server.config.LogFormat;
import java.util.List;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Sets up what is logged, all of it to standard error, from SLF4J and java.util.logging alike. */
final class Logging {

    /** Line breaks in messages are taken out: a stranger's text shall not look like an entry of its own. */
    private static final String LINE =
            "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX, UTC} %-5level %logger{0} - %replace(%msg){'[\\r\\n]+', ' | '}%n%ex";

    private static final List<String> NOISY = List.of("io.grpc", "io.netty");

    /** Warns of every option that unix sockets do not have, of which grpc-netty sets one for every channel. */
    private static final String BOOTSTRAP = "io.netty.bootstrap";

    /** Warns, with a stack trace, of every caller that left while bytes were on their way to it. */
    private static final String STREAMS = "io.grpc.netty.NettyServerHandler";

    private Logging() {}

    /** From now on. */
    static void configure(HawseConfig.Log config) {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setTarget("System.err");
        appender.setEncoder(encoder(config.format(), context));
        appender.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.addAppender(appender);
        root.setLevel(Level.toLevel(config.level().name()));
        NOISY.forEach(name -> context.getLogger(name)
                .setLevel(root.getLevel().isGreaterOrEqual(Level.WARN) ? root.getLevel() : Level.WARN));
        List.of(BOOTSTRAP, STREAMS).forEach(name -> context.getLogger(name).setLevel(Level.ERROR));
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    private static Encoder<ILoggingEvent> encoder(LogFormat format, LoggerContext context) {
        return switch (format) {
            case HUMAN -> {
                var encoder = new PatternLayoutEncoder();
                encoder.setContext(context);
                encoder.setPattern(LINE);
                encoder.start();
                yield encoder;
            }
            case JSON -> new JsonLines();
        };
    }
}
