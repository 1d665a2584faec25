package dev.hawse.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StartGateTest {

    private final StartGate gate = new StartGate(2);

    @Test
    void soManyComeInAtOnceAndNoMore() {
        assertThat(gate.enter()).isDone();
        assertThat(gate.enter()).isDone();
        assertThat(gate.enter()).isNotDone();
    }

    @Test
    void theOthersComeInAsTheyCame() {
        fill();
        var order = new ArrayList<Integer>();
        for (int i = 0; i < 3; i++) {
            var number = i;
            var _ = gate.enter().thenRun(() -> order.add(number));
        }
        gate.leave();
        gate.leave();
        assertThat(order).isEqualTo(List.of(0, 1));
    }

    @Test
    void whoGivesItsPlaceUpHoldsNobodyBack() {
        fill();
        var first = gate.enter();
        var second = gate.enter();
        assertThat(first.cancel(false)).isTrue();
        gate.leave();
        assertThat(second).isDone();
    }

    @Test
    void whoIsInsideCannotGiveItsPlaceUp() {
        var inside = gate.enter();
        assertThat(inside.cancel(false)).isFalse();
    }

    @Test
    void placesAreNeitherLostNorMultipliedUnderContention() throws InterruptedException {
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        var left = new CountDownLatch(2000);
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (int i = 0; i < 2000; i++) {
                var givesUp = i % 3 == 0;
                threads.execute(() -> {
                    var turn = gate.enter();
                    if (givesUp && turn.cancel(false)) {
                        left.countDown();
                        return;
                    }
                    var _ = turn.thenRunAsync(
                            () -> {
                                most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                                inside.decrementAndGet();
                                gate.leave();
                                left.countDown();
                            },
                            threads);
                });
            }
            assertThat(left.await(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(most.get()).isBetween(1, 2);
        soManyComeInAtOnceAndNoMore();
    }

    private void fill() {
        CompletableFuture.allOf(gate.enter(), gate.enter()).join();
    }
}
