package dev.hawse.containerd;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/**
 * Lets so many in at once; the others wait in the order in which they came, without a thread. Safe for use by any number of
 * threads.
 */
final class StartGate {

    private final int most;
    private final Queue<CompletableFuture<Void>> waiting = new ArrayDeque<>();
    private int inside;

    StartGate(int most) {
        this.most = most;
    }

    /**
     * Completes when it is the caller's turn, at once or on the thread of whoever leaves. Cancelling it gives the place in
     * the queue up, and answers false when it was the caller's turn already. Whoever's turn it was leaves once.
     */
    CompletableFuture<Void> enter() {
        synchronized (this) {
            if (inside == most) {
                var turn = new CompletableFuture<Void>();
                waiting.add(turn);
                var _ = turn.exceptionally(_ -> giveUp(turn));
                return turn;
            }
            inside++;
        }
        return CompletableFuture.completedFuture(null);
    }

    void leave() {
        CompletableFuture<Void> next;
        do {
            synchronized (this) {
                next = waiting.poll();
                if (next == null) {
                    inside--;
                    return;
                }
            }
        } while (!next.complete(null));
    }

    private synchronized Void giveUp(CompletableFuture<Void> turn) {
        waiting.removeIf(other -> other == turn);
        return null;
    }
}
