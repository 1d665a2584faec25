package dev.hawse.containerd;

import dev.hawse.containerd.ProcFs.Stat;
import dev.hawse.runtime.Signal;
import dev.hawse.sys.Signals;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A command and all that descend from it, as /proc shows them. A process belongs to it when its parent does, when it is in
 * the session that the OCI runtime opened for the command, or when it was found to belong to it before: so whoever has left
 * the session is found as long as its ancestors live, and whoever has lost its ancestors as long as it stays in the session.
 * One that has done both before anybody looked is not found: nothing in the kernel tells any more where it came from.
 *
 * <p>Looking takes a while for every process of the host, so it is not for threads that must not wait. A process is known by
 * its number and the time of its start, since numbers are used again.
 */
final class ProcessTree {

    private static final Logger log = LoggerFactory.getLogger(ProcessTree.class);

    /** Each round stops what the one before has missed; whoever forks faster than that is killed as far as it is known. */
    private static final int ROUNDS = 50;

    private static final long PAUSE_NANOS = 2_000_000;
    private static final Signal STOP = new Signal(19);

    private final long leader;
    private final String container;
    /** Of the leader: 0 while nobody has looked. */
    private long leaderStart;

    private final Map<Long, Long> known = new HashMap<>();

    /** @param leader the command's own process id, as the host sees it */
    ProcessTree(long leader, String container) {
        this.leader = leader;
        this.container = container;
    }

    /** Sends a signal to each of them but the command itself. One that is being forked meanwhile may escape. */
    synchronized void signalDescendants(Signal signal) {
        for (var process : members(ProcFs.all())) {
            if (process.pid() != leader) {
                send(process, signal);
            }
        }
    }

    /**
     * Kills them all. Each is stopped first, until no more are found that might fork: killing a parent before its children
     * are known would lose them.
     */
    synchronized void kill() {
        Set<Long> stopped = new HashSet<>();
        for (int round = 0; round < ROUNDS; round++) {
            var fresh = members(ProcFs.all()).stream()
                    .filter(process -> !process.isGone() && stopped.add(process.pid()))
                    .toList();
            if (fresh.isEmpty()) {
                break;
            }
            fresh.forEach(process -> send(process, STOP));
        }
        for (int round = 0; round < ROUNDS; round++) {
            var alive = members(ProcFs.all()).stream()
                    .filter(process -> !process.isGone())
                    .toList();
            if (alive.isEmpty()) {
                return;
            }
            alive.forEach(process -> send(process, Signal.KILL));
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        log.warn("processes of command {} in {} are still there after SIGKILL", leader, container);
    }

    private List<Stat> members(Collection<Stat> all) {
        var byPid = new HashMap<Long, Stat>();
        var children = new HashMap<Long, List<Stat>>();
        for (var process : all) {
            byPid.put(process.pid(), process);
            children.computeIfAbsent(process.parent(), _ -> new ArrayList<>()).add(process);
        }
        known.entrySet().removeIf(e -> {
            var now = byPid.get(e.getKey());
            return now == null || now.start() != e.getValue();
        });
        var found = new ArrayList<Stat>();
        known.keySet().stream().map(byPid::get).filter(Objects::nonNull).forEach(found::add);
        var leaderIsOurs = isOurs(byPid.get(leader));
        for (var process : all) {
            var belongs = process.pid() == leader
                    ? leaderIsOurs
                    : process.session() == leader && ProcFs.isInCgroupOf(process.pid(), container);
            if (belongs && known.putIfAbsent(process.pid(), process.start()) == null) {
                found.add(process);
            }
        }
        for (int i = 0; i < found.size(); i++) {
            for (var child : children.getOrDefault(found.get(i).pid(), List.of())) {
                if (known.putIfAbsent(child.pid(), child.start()) == null) {
                    found.add(child);
                }
            }
        }
        return found;
    }

    /**
     * Whether the process with the leader's number is the leader. While anybody is in a session the kernel gives its number
     * to no other process, so only the number itself may be another's, and that only after the end of all of them.
     */
    private boolean isOurs(@Nullable Stat now) {
        if (now == null) {
            return false;
        }
        if (leaderStart == 0 && ProcFs.isInCgroupOf(leader, container)) {
            leaderStart = now.start();
        }
        return now.start() == leaderStart;
    }

    private static void send(Stat process, Signal signal) {
        var now = ProcFs.stat(process.pid());
        if (now != null && now.start() == process.start()) {
            Signals.send(process.pid(), signal.number());
        }
    }
}
