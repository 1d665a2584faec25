package dev.hawse.client;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Services behind a real unix socket. */
final class FakeServer implements AutoCloseable {

    private final Path directory;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final BindableService[] services;
    private Server server;

    /** What a test does. */
    interface Body {
        void run(HawseClient client) throws Exception;
    }

    /** Does it with a client of a server that has this service. */
    static void with(BindableService service, Body body) throws Exception {
        try (var server = new FakeServer(service);
                var client = server.client()) {
            body.run(client);
        }
    }

    FakeServer(BindableService... services) throws IOException {
        this.services = services;
        directory = Files.createTempDirectory("hawse-client-test");
        server = start();
    }

    private Server start() throws IOException {
        var builder = NettyServerBuilder.forAddress(new DomainSocketAddress(socket().toFile()))
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .channelType(EpollServerDomainSocketChannel.class);
        for (var service : services) {
            builder.addService(service);
        }
        return builder.build().start();
    }

    /** Breaks every connection, with what is on its way. */
    void kill() throws IOException, InterruptedException {
        server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        Files.deleteIfExists(socket());
    }

    /** Listens again at the same place. */
    void startAgain() throws IOException {
        server = start();
    }

    private Path socket() {
        return directory.resolve("hawse.sock");
    }

    String address() {
        return "unix:" + socket();
    }

    HawseClient client() {
        return HawseClient.create(address());
    }

    @Override
    public void close() throws IOException {
        server.shutdownNow();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        Files.deleteIfExists(socket());
        Files.delete(directory);
    }
}
