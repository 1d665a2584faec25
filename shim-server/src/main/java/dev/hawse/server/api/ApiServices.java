package dev.hawse.server.api;

import io.grpc.BindableService;
import java.util.List;

/** The services of the public API on top of the configured engines. */
public final class ApiServices {

    private ApiServices() {}

    /** Every service that this server has. */
    public static List<BindableService> on(Runtimes runtimes, BuildInfo build) {
        return List.of(new RuntimeService(runtimes, build), new ContainerService(runtimes), new ImageService(runtimes));
    }
}
