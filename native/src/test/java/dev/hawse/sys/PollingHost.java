package dev.hawse.sys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** A loop that is not a reactor's: it waits for the descriptors it is given, for the life of the tests. */
final class PollingHost implements Reactor.Host {

    private final Epoll epoll;
    private final Map<Long, Runnable> turns = new ConcurrentHashMap<>();
    private final AtomicLong lastToken = new AtomicLong();
    private final Thread thread = Thread.ofPlatform().name("host").daemon().unstarted(this::run);

    private PollingHost(Epoll epoll) {
        this.epoll = epoll;
    }

    static PollingHost start() {
        try {
            PollingHost host = new PollingHost(new Epoll());
            host.thread.start();
            return host;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public AutoCloseable watch(int descriptor, Runnable turn) throws IOException {
        Fd fd = new Fd(descriptor, "watched");
        long token = lastToken.incrementAndGet();
        turns.put(token, turn);
        control(LibC.EPOLL_CTL_ADD, fd, token);
        return () -> {
            control(LibC.EPOLL_CTL_DEL, fd, token);
            turns.remove(token);
        };
    }

    private void control(int operation, Fd fd, long token) throws IOException {
        fd.lock();
        try {
            epoll.control(operation, fd, Epoll.IN, token);
        } finally {
            fd.unlock();
        }
    }

    @Override
    public boolean inLoop() {
        return Thread.currentThread() == thread;
    }

    private void run() {
        try (Scratch scratch = Scratch.take()) {
            Epoll.Batch batch = epoll.new Batch(scratch);
            while (true) {
                int count = batch.await(false, Epoll.Batch.CAPACITY);
                for (int i = 0; i < count; i++) {
                    Runnable turn = turns.get(batch.token(i));
                    if (turn != null) {
                        turn.run();
                    }
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
