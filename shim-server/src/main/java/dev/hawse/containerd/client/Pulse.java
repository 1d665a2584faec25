package dev.hawse.containerd.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Ends calls to a daemon that answers nobody, as one that was stopped or that starves, long before their own deadlines, which
 * are made for work that takes its time: while calls are under way the daemon is asked for a sign of life, and when none
 * comes they fail with {@link Status.Code#DEADLINE_EXCEEDED}. Safe for use by any number of threads.
 */
final class Pulse implements ClientInterceptor {

    /** What {@link #interceptCall} fails with begins so. */
    static final String NO_ANSWER = "containerd answers nobody";

    private static final Duration PAUSE = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(4);

    private final Set<Watched<?, ?>> watched = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean beating = new AtomicBoolean();
    private final ScheduledExecutorService timer;
    private final Probe probe;

    /** Asks for a sign of life within a time. */
    interface Probe {
        /** Tells whether one came; a daemon that is not there at all has failed its calls already and counts as alive. */
        void ask(Duration within, Consumer<Boolean> alive);
    }

    /** Needs a timer whose thread may be kept by nobody; a probe answers on any thread. */
    Pulse(ScheduledExecutorService timer, Probe probe) {
        this.timer = timer;
        this.probe = probe;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new Watched<>(next.newCall(method, options));
    }

    private void beat() {
        var before = Set.copyOf(watched);
        if (before.isEmpty()) {
            beating.set(false);
            // One that came between the two lines above has found the pulse beating.
            if (!watched.isEmpty()) {
                begin();
            }
            return;
        }
        probe.ask(PATIENCE, alive -> {
            if (!alive) {
                before.forEach(Watched::giveUp);
            }
            schedule();
        });
    }

    private void begin() {
        if (!beating.get() && beating.compareAndSet(false, true)) {
            schedule();
        }
    }

    private void schedule() {
        if (!timer.isShutdown()) {
            var _ = timer.schedule(this::beat, PAUSE.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private final class Watched<Q, A> extends SimpleForwardingClientCall<Q, A> {

        private volatile boolean givenUp;

        Watched(ClientCall<Q, A> call) {
            super(call);
        }

        @Override
        public void start(Listener<A> listener, Metadata headers) {
            watched.add(this);
            begin();
            super.start(
                    new SimpleForwardingClientCallListener<>(listener) {
                        @Override
                        public void onClose(Status status, Metadata trailers) {
                            watched.remove(Watched.this);
                            super.onClose(reworded(status), trailers);
                        }
                    },
                    headers);
        }

        private Status reworded(Status status) {
            if (givenUp && status.getCode() == Status.Code.CANCELLED) {
                return Status.DEADLINE_EXCEEDED.withDescription(NO_ANSWER);
            }
            // What containerd says when it was kept waiting itself, by a shim.
            if (status.getCode() == Status.Code.UNKNOWN
                    && String.valueOf(status.getDescription()).contains("context deadline exceeded")) {
                return Status.DEADLINE_EXCEEDED.withDescription(status.getDescription());
            }
            // What gRPC says of calls under way when the connection breaks, unless it happens to know more.
            return status.getCode() == Status.Code.UNKNOWN && status.getCause() instanceof ClosedChannelException
                    ? Status.UNAVAILABLE.withDescription("the connection broke").withCause(status.getCause())
                    : status;
        }

        private void giveUp() {
            givenUp = true;
            cancel(NO_ANSWER, null);
        }
    }
}
