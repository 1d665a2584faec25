package dev.hawse.containerd;

import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.sys.Reactor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What the parts of the adapter share.
 *
 * @param reactor reads and writes every FIFO
 * @param timer one thread, for what is short
 * @param workers virtual threads, for what waits
 */
record Engine(
        ContainerdClient client,
        ContainerdSettings settings,
        Reactor reactor,
        ScheduledExecutorService timer,
        ExecutorService workers) {}
