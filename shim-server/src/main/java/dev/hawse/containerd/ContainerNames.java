package dev.hawse.containerd;

import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;

/** Names for containers that were given none: two words, and a number where those are taken. */
final class ContainerNames {

    private static final String[] HOW = {
        "able", "brisk", "calm", "clear", "deep", "eager", "fair", "fleet", "frank", "gentle", "handy", "hardy", "keen",
        "kind", "level", "lively", "lucid", "mellow", "mild", "neat", "nimble", "plain", "prompt", "proud", "quick",
        "quiet", "ready", "sharp", "sound", "stout", "sturdy", "sunny", "swift", "tidy", "trim", "warm", "wise", "witty"
    };
    private static final String[] WHAT = {
        "anchor", "barge", "beacon", "bollard", "bosun", "bow", "brig", "buoy", "cable", "capstan", "clipper", "cutter",
                "deck",
        "dock", "ferry", "galley", "gull", "halyard", "harbour", "hawser", "helm", "hull", "jib", "keel", "ketch",
                "lagoon",
        "lugger", "mast", "mooring", "oar", "pier", "pilot", "quay", "reef", "rigger", "rudder", "sextant", "skiff",
                "sloop",
        "spar", "tiller", "tug", "wharf", "yawl"
    };

    private ContainerNames() {}

    /** A name that could be taken. */
    static String generate(Predicate<String> take) {
        var random = ThreadLocalRandom.current();
        var name = HOW[random.nextInt(HOW.length)] + "-" + WHAT[random.nextInt(WHAT.length)];
        while (!take.test(name)) {
            name = HOW[random.nextInt(HOW.length)] + "-" + WHAT[random.nextInt(WHAT.length)] + "-"
                    + random.nextInt(1_000_000);
        }
        return name;
    }
}
