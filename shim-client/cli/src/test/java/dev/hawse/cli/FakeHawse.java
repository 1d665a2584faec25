package dev.hawse.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.hawse.api.runtime.v1.OutputStream;
import dev.hawse.api.runtime.v1.StreamLogsResponse;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A server that knows one container, "web", and a few commands; and the program run against it. */
final class FakeHawse implements AutoCloseable {

    static final String ID = "0123456789abcdef".repeat(4);

    /** What one run of the program wrote, and what it exited with. */
    record Result(int code, String out, String err) {}

    final List<Object> requests = Collections.synchronizedList(new ArrayList<>());
    final FakeContainers containers = new FakeContainers(requests);

    private final Path directory;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Server server;

    FakeHawse() throws IOException {
        directory = Files.createTempDirectory("hawse-cli-test");
        server = NettyServerBuilder.forAddress(
                        new DomainSocketAddress(directory.resolve("s").toFile()))
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .channelType(EpollServerDomainSocketChannel.class)
                .addService(containers)
                .addService(new FakeExecs(requests))
                .addService(new FakeImages())
                .build()
                .start();
    }

    Result hawse(String... args) {
        return hawse(new byte[0], args);
    }

    Result hawse(byte[] stdin, String... args) {
        return hawse(new ByteArrayInputStream(stdin), args);
    }

    Result hawse(InputStream stdin, String... args) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var console = new Console(stdin, out, err, false, false, false, Map.of("OWN", "mine"));
        var all = new ArrayList<>(List.of("--address", "unix:" + directory.resolve("s")));
        all.addAll(Arrays.asList(args));
        int code = new Cli(console).run(all.toArray(String[]::new));
        return new Result(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    <T> T request(Class<T> type) {
        return requests.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() throws IOException {
        server.shutdownNow();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        Files.deleteIfExists(directory.resolve("s"));
        Files.delete(directory);
    }

    /** The one response of a call. */
    static <R> void answer(StreamObserver<R> out, R response) {
        out.onNext(response);
        out.onCompleted();
    }

    static StreamLogsResponse log(OutputStream stream, String text) {
        return StreamLogsResponse.newBuilder()
                .setStream(stream)
                .setTime(Timestamp.newBuilder().setSeconds(1).setNanos(5))
                .setData(ByteString.copyFrom(text, StandardCharsets.ISO_8859_1))
                .build();
    }
}
