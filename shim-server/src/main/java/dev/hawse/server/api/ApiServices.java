package dev.hawse.server.api;

import dev.hawse.exec.Execs;
import dev.hawse.stream.EventLog;
import io.grpc.BindableService;
import java.util.List;
import java.util.concurrent.Executor;

/** The services of the public API on top of the configured engines. */
public final class ApiServices {

    private ApiServices() {}

    /**
     * Every service that this server has.
     *
     * @param workers for what may block: a thread per task
     * @param warnings what an operator should know, in a sentence each
     */
    public static List<BindableService> on(
            Runtimes runtimes, Execs execs, EventLog events, BuildInfo build, Executor workers, List<String> warnings) {
        return List.of(
                new RuntimeService(runtimes, build, warnings),
                new ContainerService(runtimes, workers),
                new ExecService(runtimes, execs, workers),
                new ImageService(runtimes, workers),
                new EventService(events));
    }
}
