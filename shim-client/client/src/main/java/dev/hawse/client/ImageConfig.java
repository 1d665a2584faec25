package dev.hawse.client;

import java.util.List;
import java.util.Map;

/**
 * What an image says of the containers made from it.
 *
 * @param env "KEY=value", in the image's order
 * @param exposedPorts such as "80/tcp"
 * @param volumes paths that the image declares as volumes
 */
public record ImageConfig(
        List<String> entrypoint,
        List<String> cmd,
        List<String> env,
        String workingDir,
        String user,
        String stopSignal,
        Map<String, String> labels,
        List<String> exposedPorts,
        List<String> volumes) {

    public ImageConfig {
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        env = List.copyOf(env);
        labels = Map.copyOf(labels);
        exposedPorts = List.copyOf(exposedPorts);
        volumes = List.copyOf(volumes);
    }
}
