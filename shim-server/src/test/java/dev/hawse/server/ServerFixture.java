package dev.hawse.server;

import dev.hawse.api.runtime.v1.GetVersionRequest;
import dev.hawse.api.runtime.v1.RuntimeServiceGrpc;
import dev.hawse.server.api.BuildInfo;
import dev.hawse.server.config.HawseConfig;
import dev.hawse.testing.FakeRuntime;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A real server on a real unix socket, with an engine in memory. */
final class ServerFixture implements AutoCloseable {

    static final BuildInfo BUILD = new BuildInfo("1.2.3", "");

    final FakeRuntime runtime = new FakeRuntime();
    final List<AutoCloseable> opened = new ArrayList<>();
    final Path dir;
    Path socket;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    ServerFixture(Path dir) {
        this.dir = dir;
        this.socket = dir.resolve("run/h.sock");
    }

    HawseConfig config() {
        var defaults = HawseConfig.defaults();
        return new HawseConfig(
                new HawseConfig.Listen(socket, ""),
                defaults.containerd(),
                new HawseConfig.Paths(dir.resolve("state"), dir.resolve("run")),
                defaults.policy(),
                defaults.exec(),
                defaults.events(),
                new HawseConfig.Server(Duration.ofSeconds(10), 4 << 20, 4),
                defaults.logs(),
                defaults.log());
    }

    HawseConfig withGrace(Duration grace) {
        var c = config();
        return new HawseConfig(
                c.listen(),
                c.containerd(),
                c.paths(),
                c.policy(),
                c.exec(),
                c.events(),
                new HawseConfig.Server(
                        grace, c.server().maxMessageBytes(), c.server().maxConnections()),
                c.logs(),
                c.log());
    }

    HawseServer start() {
        return start(config());
    }

    HawseServer start(HawseConfig config) {
        var server = HawseServer.start(config, BUILD, (_, _) -> List.of(runtime));
        opened.add(server);
        return server;
    }

    ManagedChannel connect() {
        var channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .eventLoopGroup(loops)
                .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
                .overrideAuthority("localhost")
                .usePlaintext()
                .build();
        opened.add(channel::shutdownNow);
        return channel;
    }

    static String version(ManagedChannel channel) {
        return RuntimeServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .getVersion(GetVersionRequest.getDefaultInstance())
                .getVersion();
    }

    @Override
    public void close() {
        for (var resource : opened.reversed()) {
            closeQuietly(resource);
        }
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private static void closeQuietly(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
