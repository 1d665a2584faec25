package dev.hawse.containerd;

import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.sys.Reactors;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What the parts of the adapter share.
 *
 * @param reactors read and write every FIFO
 * @param timer one thread, for what is short
 * @param workers virtual threads, for what waits
 */
record Engine(
        ContainerdClient client,
        ContainerdSettings settings,
        Reactors reactors,
        ScheduledExecutorService timer,
        ExecutorService workers) {}
