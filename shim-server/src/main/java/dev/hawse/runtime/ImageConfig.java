package dev.hawse.runtime;

import java.util.List;
import java.util.Map;

/**
 * What an image says of the containers made from it; empty where it says nothing.
 *
 * @param env "KEY=value", in the image's order
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

    public static final ImageConfig EMPTY =
            new ImageConfig(List.of(), List.of(), List.of(), "", "", "", Map.of(), List.of(), List.of());

    public ImageConfig {
        entrypoint = List.copyOf(entrypoint);
        cmd = List.copyOf(cmd);
        env = List.copyOf(env);
        labels = Map.copyOf(labels);
        exposedPorts = List.copyOf(exposedPorts);
        volumes = List.copyOf(volumes);
    }
}
