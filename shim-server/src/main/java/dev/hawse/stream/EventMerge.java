package dev.hawse.stream;

import dev.hawse.runtime.EventListener;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeKind;
import dev.hawse.stream.EventStore.Phase;
import dev.hawse.stream.EventStore.Told;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Makes events out of what engines tell: what they tell again is left out, what they could not tell is put in. Of every
 * container the log says, across all lives of the server, once that it was created and once that it was removed, and of
 * each of its runs once that it started and then once that it ended; and the same of each command.
 *
 * <p>An end that nobody saw is {@link ExitOutcome.Lost}. A server that has lost its store cannot know what was told: it
 * takes what it finds as told. Safe for use by any number of threads; never blocks.
 */
public final class EventMerge implements EventListener {

    /** Between the ids of a container and of a command in it, in the name under which is noted what was told of that. */
    private static final String OF = "/";

    private static final ExitOutcome UNSEEN_COMMAND =
            new ExitOutcome.Lost("the server ended, and the command with it or before its end could be told");

    private static final ExitOutcome UNSEEN = new ExitOutcome.Lost("it ended while nobody watched");

    private final EventLog log;
    private final Map<String, Told> told = new HashMap<>();
    private final Set<RuntimeKind> listed = new HashSet<>();
    private final EventStore store;
    private final boolean fresh;

    /** What engines tell from now on, on top of what a store says was told. May block on the store. */
    public EventMerge(EventLog log, EventStore store) {
        this.log = log;
        this.store = store;
        this.fresh = store.isFresh();
        store.told().forEach(one -> told.put(one.container(), one));
    }

    @Override
    public synchronized void event(RuntimeEvent event) {
        var id = event.containerId();
        if (id == null) {
            log.append(event);
            return;
        }
        switch (event.type()) {
            case CONTAINER_CREATED -> created(id, event);
            case CONTAINER_STARTED -> started(id, event);
            case CONTAINER_EXITED -> exited(id, event);
            case CONTAINER_REMOVED -> removed(id, event);
            case EXEC_STARTED -> commandStarted(id, event);
            case EXEC_EXITED -> commandExited(id, event);
            case CONTAINER_PAUSED, CONTAINER_RESUMED, CONTAINER_OOM, CONTAINER_UPDATED, IMAGE_UPDATED, IMAGE_REMOVED ->
                log.append(event);
        }
    }

    @Override
    public synchronized Consumer<Set<String>> listing(RuntimeKind runtime) {
        var before = told.values().stream()
                .filter(one -> one.runtime().equals(runtime.name()))
                .map(Told::container)
                .filter(name -> !name.contains(OF))
                .toList();
        return there -> listed(runtime, before, there);
    }

    private synchronized void listed(RuntimeKind runtime, Iterable<String> before, Set<String> there) {
        listed.add(runtime);
        for (var id : before) {
            if (!there.contains(id)) {
                var now = Instant.now();
                removed(id, new RuntimeEvent(RuntimeEvent.Type.CONTAINER_REMOVED, runtime, now, id, null, null, null));
            }
        }
    }

    private void created(String id, RuntimeEvent event) {
        if (!told.containsKey(id)) {
            tell(event, Phase.CREATED, event.run());
        }
    }

    private void started(String id, RuntimeEvent event) {
        var last = told.get(id);
        if (last != null && last.run() == event.run()) {
            // A number that is used again is another run when that began after the one before it had ended.
            var known = last.phase() == Phase.STARTED
                    || (last.phase() == Phase.EXITED && !event.time().isAfter(last.at()));
            if (known) {
                return;
            }
        }
        if (last == null) {
            created(id, as(RuntimeEvent.Type.CONTAINER_CREATED, event, null));
        } else if (last.phase() == Phase.STARTED) {
            tell(as(RuntimeEvent.Type.CONTAINER_EXITED, event, UNSEEN), Phase.EXITED, last.run());
        }
        tell(event, Phase.STARTED, event.run());
    }

    private void exited(String id, RuntimeEvent event) {
        var last = told.get(id);
        if (event.run() == 0) {
            notRunning(event, last);
            return;
        }
        if (last != null && last.phase() == Phase.EXITED && last.run() == event.run()) {
            return;
        }
        if (last == null || last.phase() != Phase.STARTED || last.run() != event.run()) {
            started(id, as(RuntimeEvent.Type.CONTAINER_STARTED, event, null));
        }
        tell(event, Phase.EXITED, event.run());
    }

    /** All that is known is how the last run ended that anybody saw the end of. */
    private void notRunning(RuntimeEvent event, @Nullable Told last) {
        if (last != null && last.phase() == Phase.STARTED) {
            var older = event.time().isBefore(last.at());
            tell(older ? as(RuntimeEvent.Type.CONTAINER_EXITED, event, UNSEEN) : event, Phase.EXITED, last.run());
        } else if ((last == null || last.phase() == Phase.CREATED) && !(event.exit() instanceof ExitOutcome.Lost)) {
            tell(as(RuntimeEvent.Type.CONTAINER_STARTED, event, null), Phase.STARTED, 0);
            tell(event, Phase.EXITED, 0);
        }
    }

    private void removed(String id, RuntimeEvent event) {
        var last = told.get(id);
        if (last == null) {
            return;
        }
        if (last.phase() == Phase.STARTED) {
            tell(as(RuntimeEvent.Type.CONTAINER_EXITED, event, UNSEEN), Phase.EXITED, last.run());
        }
        tell(event, Phase.REMOVED, 0);
    }

    private void commandStarted(String id, RuntimeEvent event) {
        var name = id + OF + event.execId();
        if (!told.containsKey(name)) {
            tell(name, event, Phase.STARTED, 0);
        }
    }

    private void commandExited(String id, RuntimeEvent event) {
        var name = id + OF + event.execId();
        var last = told.get(name);
        if (last == null) {
            log.append(event);
        } else if (last.phase() == Phase.STARTED) {
            tell(name, event, Phase.EXITED, 0);
        }
    }

    @Override
    public synchronized void commandGone(RuntimeKind runtime, String containerId, String execId) {
        forget(containerId + OF + execId);
    }

    @Override
    public synchronized void commandOver(RuntimeEvent end) {
        var name = end.containerId() + OF + end.execId();
        var last = told.get(name);
        if (last != null && last.phase() == Phase.STARTED) {
            log.append(end);
        }
        forget(name);
    }

    @Override
    public synchronized void commandsKnown(RuntimeKind runtime, Predicate<String> known) {
        for (var one : List.copyOf(told.values())) {
            var at = one.container().indexOf(OF);
            if (at < 0
                    || !one.runtime().equals(runtime.name())
                    || known.test(one.container().substring(at + 1))) {
                continue;
            }
            if (one.phase() == Phase.STARTED) {
                log.append(new RuntimeEvent(
                        RuntimeEvent.Type.EXEC_EXITED,
                        runtime,
                        Instant.now(),
                        one.container().substring(0, at),
                        one.container().substring(at + 1),
                        null,
                        UNSEEN_COMMAND));
            }
            forget(one.container());
        }
    }

    private void forget(String name) {
        var last = told.remove(name);
        if (last != null) {
            log.forget(new Told(name, last.runtime(), Phase.REMOVED, 0, Instant.now()));
        }
    }

    private static RuntimeEvent as(RuntimeEvent.Type type, RuntimeEvent other, @Nullable ExitOutcome exit) {
        return new RuntimeEvent(
                type, other.runtime(), other.time(), other.containerId(), null, null, exit, other.run());
    }

    private void tell(RuntimeEvent event, Phase phase, long run) {
        tell(String.valueOf(event.containerId()), event, phase, run);
    }

    private void tell(String id, RuntimeEvent event, Phase phase, long run) {
        var now = new Told(id, event.runtime().name(), phase, run, event.time());
        if (phase == Phase.REMOVED) {
            told.remove(id);
        } else {
            told.put(id, now);
        }
        if (fresh && !listed.contains(event.runtime())) {
            var _ = store.note(now);
        } else {
            log.append(event, now);
        }
    }
}
