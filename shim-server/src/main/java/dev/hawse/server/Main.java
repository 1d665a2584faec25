package dev.hawse.server;

import dev.hawse.server.api.BuildInfo;
import dev.hawse.server.config.ConfigException;
import dev.hawse.server.config.ConfigLoader;
import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * The command {@code hawsed}. It runs until it is told to end by SIGTERM or SIGINT, and then exits with 0; with 2 when it is
 * told something that makes no sense, and with 1 when it cannot start.
 */
public final class Main {

    private static final int CANNOT_START = 1;
    private static final int USAGE = 2;
    private static final int WIDEST_FLAG = 32;

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;
    private final HawseServer.RuntimeFactory runtimes;

    Main(Map<String, String> environment, PrintStream out, PrintStream err, HawseServer.RuntimeFactory runtimes) {
        this.environment = environment;
        this.out = out;
        this.err = err;
        this.runtimes = runtimes;
    }

    public static void main(String[] args) {
        var status = new Main(System.getenv(), System.out, System.err, Wiring::runtimes).run(args);
        if (status != 0) {
            System.exit(status);
        }
    }

    /** Runs a server until it has ended, or does what else the arguments ask for, and answers the exit status. */
    int run(String... args) {
        var options = new Options();
        var commandLine = new CommandLine(options).setUsageHelpLongOptionsMaxWidth(WIDEST_FLAG);
        try {
            commandLine.parseArgs(args);
            if (commandLine.isUsageHelpRequested()) {
                commandLine.usage(out);
                return 0;
            }
            if (commandLine.isVersionHelpRequested()) {
                out.println("hawsed " + BuildInfo.current());
                return 0;
            }
            var loaded = ConfigLoader.load(options.file(), environment, options.flags());
            if (options.printConfig()) {
                out.print(loaded.toml());
                return 0;
            }
            Logging.configure(loaded.config().log());
            serve(() -> HawseServer.start(loaded.config(), BuildInfo.current(), runtimes));
            return 0;
        } catch (ParameterException e) {
            return fail(USAGE, e.getMessage() + "; see hawsed --help");
        } catch (ConfigException e) {
            return fail(USAGE, e.getMessage());
        } catch (StartFailure e) {
            return fail(CANNOT_START, e.getMessage());
        }
    }

    private int fail(int status, String message) {
        err.println("hawsed: " + message.lines().findFirst().orElse(message));
        return status;
    }

    /**
     * A signal ends the JVM with 128 and its number once every hook has run; the hook ends it earlier, with 0, since all
     * that there was to do is done.
     */
    private static void serve(Supplier<HawseServer> start) {
        var running = new AtomicReference<@Nullable HawseServer>();
        var atTheEnd = Thread.ofPlatform().name("shutdown").unstarted(() -> {
            var server = running.get();
            if (server != null) {
                server.close();
            }
            Runtime.getRuntime().halt(0);
        });
        // Before the start: whoever sees the socket may send a signal.
        Runtime.getRuntime().addShutdownHook(atTheEnd);
        HawseServer server;
        try {
            server = start.get();
        } catch (RuntimeException e) {
            Runtime.getRuntime().removeShutdownHook(atTheEnd);
            throw e;
        }
        running.set(server);
        try {
            server.awaitTermination();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            server.close();
        }
    }
}
