package dev.hawse.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.sys.Reactor;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A reactor on one of the loops that serve connections. */
@Timeout(20)
class LoopHostTest {

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());

    @AfterEach
    void end() {
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void everyLoopIsOne() {
        assertThat(LoopHost.of(loops)).hasSize(2);
    }

    @Test
    void workIsDoneOnTheLoop() throws Exception {
        var loop = loops.next();
        var host = LoopHost.of(loops).stream()
                .filter(h -> h.isOf(loop))
                .findFirst()
                .orElseThrow();
        try (var reactor = Reactor.on(host, "test", e -> {})) {
            var onLoop = new CompletableFuture<Boolean>();
            reactor.execute(() -> onLoop.complete(loop.inEventLoop() && reactor.inLoop()));
            assertThat(onLoop.get()).isTrue();
        }
    }

    @Test
    void closedReactorLeavesTheLoopToItsOwnWork() throws Exception {
        var failure = new AtomicReference<Throwable>();
        for (int i = 0; i < 100; i++) {
            Reactor.on(LoopHost.of(loops).getFirst(), "test-" + i, failure::set).close();
        }
        for (var loop : loops) {
            assertThat(loop.submit(() -> "alive").get()).isEqualTo("alive");
        }
        assertThat(failure.get()).isNull();
    }
}
