package dev.hawse.server;

import dev.hawse.sys.Reactor;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the loops that serve callers' connections, doing a reactor's work too: what a process writes is sent by the thread
 * that read it.
 */
final class LoopHost implements Reactor.Host {

    private final IoEventLoop loop;

    private LoopHost(IoEventLoop loop) {
        this.loop = loop;
    }

    /** Every loop of a group. */
    static List<LoopHost> of(EventLoopGroup group) {
        var hosts = new ArrayList<LoopHost>();
        group.forEach(loop -> hosts.add(new LoopHost((IoEventLoop) loop)));
        return List.copyOf(hosts);
    }

    @Override
    public AutoCloseable watch(int descriptor, Runnable turn) throws IOException {
        var registering = loop.register(new Watch(descriptor, turn)).awaitUninterruptibly();
        if (!registering.isSuccess()) {
            throw new IOException("a loop does not take descriptor " + descriptor, registering.cause());
        }
        var registration = registering.getNow();
        registration.submit(EpollIoOps.EPOLLIN);
        return registration::cancel;
    }

    boolean isOf(EventLoop other) {
        return loop == other;
    }

    @Override
    public boolean inLoop() {
        return loop.inEventLoop();
    }

    /** A descriptor that is somebody else's to close. */
    private record Watch(int descriptor, Runnable turn) implements EpollIoHandle {
        @Override
        public FileDescriptor fd() {
            return new FileDescriptor(descriptor);
        }

        @Override
        public void handle(IoRegistration registration, IoEvent event) {
            turn.run();
        }

        @Override
        public void close() {}
    }
}
