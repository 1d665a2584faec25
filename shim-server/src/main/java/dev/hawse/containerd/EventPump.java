package dev.hawse.containerd;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.hawse.containerd.api.events.ContainerCreate;
import dev.hawse.containerd.api.events.ContainerDelete;
import dev.hawse.containerd.api.events.ContainerUpdate;
import dev.hawse.containerd.api.events.ImageCreate;
import dev.hawse.containerd.api.events.ImageDelete;
import dev.hawse.containerd.api.events.ImageUpdate;
import dev.hawse.containerd.api.events.TaskExecStarted;
import dev.hawse.containerd.api.events.TaskExit;
import dev.hawse.containerd.api.events.TaskOOM;
import dev.hawse.containerd.api.events.TaskPaused;
import dev.hawse.containerd.api.events.TaskResumed;
import dev.hawse.containerd.api.events.TaskStart;
import dev.hawse.containerd.api.services.events.v1.Envelope;
import dev.hawse.containerd.api.services.events.v1.SubscribeRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.runtime.ContainerId;
import dev.hawse.runtime.EventListener;
import dev.hawse.runtime.ExitOutcome;
import dev.hawse.runtime.Registration;
import dev.hawse.runtime.RuntimeEvent;
import dev.hawse.runtime.RuntimeKind;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What containerd tells of our namespace, in the port's words, to whoever listens. A subscription that ends is made anew,
 * and who asked for it is told, since containerd repeats nothing: events are hints, the lists are the truth.
 */
final class EventPump implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EventPump.class);
    /** Before there is a listener; far more than containers are found at a start. */
    private static final int MOST_UNTOLD = 100_000;

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final Engine engine;
    private final BooleanSupplier onSubscribed;
    private final BiPredicate<String, String> isRename;
    private final Consumer<RuntimeEvent> hints;
    private final List<EventListener> listeners = new ArrayList<>();
    private final List<Consumer<EventListener>> untold = new ArrayList<>();
    private Context.CancellableContext subscription = Context.ROOT.withCancellation();
    private boolean closed;

    /**
     * A pump that does nothing yet.
     *
     * @param onSubscribed called on a worker each time events begin to come, since what happened before must be read from
     *     lists; answers whether that went well, else the subscription begins anew
     * @param hints is given everything that containerd says, before listeners are told; creation, start, end and removal of
     *     containers, start and end of commands of ours are only hints, which are told by whoever has seen to them
     * @param isRename whether a container, by its id, has got this name newly: what this server notes in a record for
     *     itself is nobody else's news
     */
    EventPump(
            Engine engine,
            BooleanSupplier onSubscribed,
            Consumer<RuntimeEvent> hints,
            BiPredicate<String, String> isRename) {
        this.engine = engine;
        this.hints = hints;
        this.onSubscribed = onSubscribed;
        this.isRename = isRename;
    }

    /** The first one is told of what has happened before, too. */
    Registration listen(EventListener listener) {
        synchronized (listeners) {
            listeners.add(listener);
            untold.forEach(news -> news.accept(listener));
            untold.clear();
        }
        return () -> {
            synchronized (listeners) {
                listeners.remove(listener);
            }
        };
    }

    /** Tells listeners of something that happened, or that may have been told in an earlier life. */
    void tell(RuntimeEvent event) {
        toAll(listener -> listener.event(event));
    }

    /** What exists is about to be asked; see {@link EventListener#listing}. */
    Consumer<Set<String>> listing() {
        var answers = new ArrayList<Consumer<Set<String>>>();
        toAll(listener -> answers.add(listener.listing(RuntimeKind.CONTAINERD)));
        return ids -> toAll(_ -> {
            answers.forEach(answer -> answer.accept(ids));
            answers.clear();
        });
    }

    void commandGone(String container, String exec) {
        toAll(listener -> listener.commandGone(RuntimeKind.CONTAINERD, container, exec));
    }

    void commandOver(RuntimeEvent end) {
        toAll(listener -> listener.commandOver(end));
    }

    void commandsKnown(Predicate<String> known) {
        toAll(listener -> listener.commandsKnown(RuntimeKind.CONTAINERD, known));
    }

    /** In one order for all of them. */
    private void toAll(Consumer<EventListener> news) {
        synchronized (listeners) {
            if (!listeners.isEmpty()) {
                listeners.forEach(news);
            } else if (untold.size() < MOST_UNTOLD) {
                untold.add(news);
            }
        }
    }

    private void heard(RuntimeEvent event) {
        hints.accept(event);
        switch (event.type()) {
            case CONTAINER_CREATED, CONTAINER_STARTED, CONTAINER_EXITED, CONTAINER_REMOVED -> {}
            case EXEC_STARTED, EXEC_EXITED -> heardOfCommand(event);
            case CONTAINER_PAUSED, CONTAINER_RESUMED, CONTAINER_OOM, CONTAINER_UPDATED, IMAGE_UPDATED, IMAGE_REMOVED ->
                tell(event);
        }
    }

    /** Commands of this server, whose ids are whole, are told of by whoever sees to them; others are told of as they come. */
    private void heardOfCommand(RuntimeEvent event) {
        var container = event.containerId();
        var exec = event.execId();
        if (container == null || exec == null || ContainerId.isWhole(exec)) {
            return;
        }
        tell(event);
        if (event.type() == RuntimeEvent.Type.EXEC_EXITED) {
            commandGone(container, exec);
        }
    }

    void subscribe() {
        var attempt = Context.ROOT.withCancellation();
        synchronized (this) {
            if (closed) {
                return;
            }
            subscription = attempt;
        }
        engine.client().reconnect();
        var request = SubscribeRequest.newBuilder()
                .addFilters("namespace==" + engine.settings().namespace())
                .build();
        attempt.run(() -> engine.client().eventsAsync().subscribe(request, new StreamObserver<>() {
            @Override
            public void onNext(Envelope envelope) {
                event(envelope).ifPresent(EventPump.this::heard);
            }

            @Override
            public void onError(Throwable failure) {
                again(Status.fromThrowable(failure));
            }

            @Override
            public void onCompleted() {
                again(Status.OK);
            }
        }));
        engine.workers().execute(() -> {
            if (!onSubscribed.getAsBoolean()) {
                attempt.cancel(null);
            }
        });
    }

    private void again(Status status) {
        log.debug("events of containerd ended: {}", status);
        var _ = engine.timer().schedule(this::subscribe, PAUSE.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public synchronized void close() {
        closed = true;
        subscription.cancel(null);
    }

    /** Empty for what the port has no word for. */
    private Optional<RuntimeEvent> event(Envelope envelope) {
        var value = envelope.getEvent().getValue();
        try {
            return switch (envelope.getTopic()) {
                case "/containers/create" ->
                    of(
                            envelope,
                            RuntimeEvent.Type.CONTAINER_CREATED,
                            ContainerCreate.parseFrom(value).getId());
                case "/containers/update" -> update(envelope, ContainerUpdate.parseFrom(value));
                case "/containers/delete" ->
                    of(
                            envelope,
                            RuntimeEvent.Type.CONTAINER_REMOVED,
                            ContainerDelete.parseFrom(value).getId());
                case "/tasks/start" ->
                    of(
                            envelope,
                            RuntimeEvent.Type.CONTAINER_STARTED,
                            TaskStart.parseFrom(value).getContainerId());
                case "/tasks/paused" ->
                    of(
                            envelope,
                            RuntimeEvent.Type.CONTAINER_PAUSED,
                            TaskPaused.parseFrom(value).getContainerId());
                case "/tasks/resumed" ->
                    of(
                            envelope,
                            RuntimeEvent.Type.CONTAINER_RESUMED,
                            TaskResumed.parseFrom(value).getContainerId());
                case "/tasks/oom" ->
                    of(
                            envelope,
                            RuntimeEvent.Type.CONTAINER_OOM,
                            TaskOOM.parseFrom(value).getContainerId());
                case "/tasks/exec-started" -> {
                    var started = TaskExecStarted.parseFrom(value);
                    yield of(
                            envelope,
                            RuntimeEvent.Type.EXEC_STARTED,
                            started.getContainerId(),
                            started.getExecId(),
                            null);
                }
                case "/tasks/exit" -> exit(envelope, TaskExit.parseFrom(value));
                case "/images/create" ->
                    ofImage(
                            envelope,
                            RuntimeEvent.Type.IMAGE_UPDATED,
                            ImageCreate.parseFrom(value).getName());
                case "/images/update" ->
                    ofImage(
                            envelope,
                            RuntimeEvent.Type.IMAGE_UPDATED,
                            ImageUpdate.parseFrom(value).getName());
                case "/images/delete" ->
                    ofImage(
                            envelope,
                            RuntimeEvent.Type.IMAGE_REMOVED,
                            ImageDelete.parseFrom(value).getName());
                default -> Optional.empty();
            };
        } catch (InvalidProtocolBufferException e) {
            log.warn("containerd sent an event {} that cannot be read", envelope.getTopic(), e);
            return Optional.empty();
        }
    }

    private Optional<RuntimeEvent> update(Envelope envelope, ContainerUpdate update) {
        return isRename.test(update.getId(), update.getLabelsOrDefault(ContainerRecords.NAME, ""))
                ? of(envelope, RuntimeEvent.Type.CONTAINER_UPDATED, update.getId())
                : Optional.empty();
    }

    /** Of the main process when the ids are the same. */
    private static Optional<RuntimeEvent> exit(Envelope envelope, TaskExit exit) {
        var main = exit.getId().equals(exit.getContainerId());
        return of(
                envelope,
                main ? RuntimeEvent.Type.CONTAINER_EXITED : RuntimeEvent.Type.EXEC_EXITED,
                exit.getContainerId(),
                main ? null : exit.getId(),
                new ExitOutcome.Code(exit.getExitStatus() & 0xff));
    }

    private static Optional<RuntimeEvent> of(Envelope envelope, RuntimeEvent.Type type, String container) {
        return of(envelope, type, container, null, null);
    }

    private static Optional<RuntimeEvent> of(
            Envelope envelope,
            RuntimeEvent.Type type,
            String container,
            @Nullable String exec,
            @Nullable ExitOutcome exit) {
        var time = ContainerdClient.instant(envelope.getTimestamp());
        return Optional.of(new RuntimeEvent(type, RuntimeKind.CONTAINERD, time, container, exec, null, exit));
    }

    private static Optional<RuntimeEvent> ofImage(Envelope envelope, RuntimeEvent.Type type, String name) {
        var time = ContainerdClient.instant(envelope.getTimestamp());
        return Optional.of(new RuntimeEvent(type, RuntimeKind.CONTAINERD, time, null, null, name, null));
    }
}
