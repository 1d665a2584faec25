package dev.hawse.containerd;

import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.Text;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Every container of ours by id, id prefix and name; no name stands for two. Safe for use by any number of threads.
 *
 * <p>Until it has been {@link #opened} nobody is told that a container is not there, since nobody knows: callers wait a
 * moment, then get {@link Reason#RUNTIME_UNAVAILABLE}.
 */
final class ContainerIndex {

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final ContainerNews news;
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final TreeMap<String, ContainerEntry> byId = new TreeMap<>();
    private final Map<String, ContainerId> names = new HashMap<>();

    ContainerIndex(ContainerNews news) {
        this.news = news;
    }

    /** What there is has been read for the first time. */
    void opened() {
        opened.complete(null);
    }

    boolean isOpen() {
        return opened.isDone();
    }

    CompletableFuture<Void> opening() {
        return opened.copy();
    }

    private void awaitOpen() {
        try {
            opened.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw RuntimeFailure.of(
                    Reason.RUNTIME_UNAVAILABLE,
                    "containerd has not answered yet, so what runs on it is not known; ListRuntimes says why",
                    Map.of("runtime", "CONTAINERD"),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw RuntimeFailure.of(Reason.CONFLICT, "the call was cancelled");
        }
    }

    /** Takes a name for a container that is about to be; {@link #release} gives it back. */
    void reserve(String name, ContainerId id) {
        awaitOpen();
        take(name, id);
    }

    private synchronized void take(String name, ContainerId id) {
        var owner = names.putIfAbsent(name, id);
        if (owner != null && !owner.equals(id)) {
            throw RuntimeFailure.of(
                    Reason.NAME_IN_USE,
                    "the name \"" + name + "\" is in use by container " + owner.shortForm()
                            + "; remove or rename that one, or choose another name",
                    Map.of("container", owner.value(), "name", name));
        }
    }

    /** Takes a name that nobody has, if it is one. */
    boolean reserveIfFree(String name, ContainerId id) {
        awaitOpen();
        synchronized (this) {
            return names.putIfAbsent(name, id) == null;
        }
    }

    /** Frees a name if this container has it. */
    synchronized void release(String name, ContainerId id) {
        names.remove(name, id);
    }

    /** Adds a container unless it is there, and answers the one that is there from then on. */
    synchronized ContainerEntry add(ContainerEntry entry) {
        var there = byId.putIfAbsent(entry.id.value(), entry);
        if (there == null) {
            names.put(entry.name(), entry.id);
            news.created(entry);
        }
        return there == null ? entry : there;
    }

    synchronized void remove(ContainerEntry entry) {
        if (byId.remove(entry.id.value(), entry)) {
            names.values().removeIf(entry.id::equals);
            news.removed(entry);
        }
    }

    synchronized @Nullable ContainerEntry peek(String id) {
        return byId.get(id);
    }

    ContainerEntry get(ContainerId id) {
        awaitOpen();
        var entry = peek(id.value());
        if (entry == null) {
            throw RuntimeFailure.containerNotFound(id.value());
        }
        return entry;
    }

    /** By whole id, else by name, else by id prefix when it is unique. */
    ContainerEntry find(String idOrName) {
        awaitOpen();
        return match(idOrName);
    }

    private synchronized ContainerEntry match(String idOrName) {
        if (idOrName.isEmpty()) {
            throw RuntimeFailure.invalid("container", "is required: an id, a unique id prefix or a name");
        }
        var exact = byId.get(idOrName);
        if (exact != null) {
            return exact;
        }
        var named = names.get(idOrName);
        var byName = named == null ? null : byId.get(named.value());
        if (byName != null) {
            return byName;
        }
        var matches = byId.subMap(idOrName, true, idOrName + Character.MAX_VALUE, true)
                .values();
        return switch (matches.size()) {
            case 0 -> throw RuntimeFailure.containerNotFound(idOrName);
            case 1 -> matches.iterator().next();
            default ->
                throw RuntimeFailure.of(
                        Reason.AMBIGUOUS_ID,
                        "the ids of " + matches.size() + " containers begin with \"" + Text.printable(idOrName)
                                + "\"; give more digits",
                        Map.of("container", Text.printable(idOrName)));
        };
    }

    /** Newest first. */
    List<ContainerEntry> all() {
        awaitOpen();
        return known();
    }

    /** As {@link #all}, also before there is an answer. */
    List<ContainerEntry> known() {
        Collection<ContainerEntry> now;
        synchronized (this) {
            now = List.copyOf(byId.values());
        }
        return now.stream()
                .sorted(Comparator.comparing((ContainerEntry e) -> e.createdAt)
                        .reversed()
                        .thenComparing(e -> e.id.value()))
                .toList();
    }
}
