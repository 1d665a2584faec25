package dev.hawse.sys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import org.jspecify.annotations.Nullable;

/**
 * Prints how long 64 bytes take through a {@code cat} child between two FIFOs and back: with a plain blocking
 * FileChannel, with the reactor's thread sending the next round itself, and with the round handed to a waiting thread
 * as well. Arguments: rounds per pass (default 50,000) and passes (default 3), of which the last counts.
 */
final class FifoEchoLatency {
    private static final int MESSAGE_BYTES = 64;

    private final Path dir;
    private final int rounds;

    private FifoEchoLatency(Path dir, int rounds) {
        this.dir = dir;
        this.rounds = rounds;
    }

    public static void main(String[] args) throws Exception {
        int rounds = args.length > 0 ? Integer.parseInt(args[0]) : 50_000;
        int passes = args.length > 1 ? Integer.parseInt(args[1]) : 3;
        Path dir = Files.createTempDirectory("hawse-echo");
        try {
            FifoEchoLatency echo = new FifoEchoLatency(dir, rounds);
            for (int pass = 1; pass <= passes; pass++) {
                System.out.printf("pass %d of %d, %,d rounds of %d bytes%n", pass, passes, rounds, MESSAGE_BYTES);
                echo.throughCat("blocking FileChannel", echo::blocking);
                echo.throughCat("reactor, sink replies", echo::onLoop);
                echo.throughCat("reactor, thread replies", echo::handedOver);
            }
        } finally {
            Files.delete(dir);
        }
    }

    /** Fills in nanoseconds per round; both ends are open, and whoever closes {@code in} ends the child. */
    private interface Exchange {
        void run(Path in, Path out, Runnable opened, long[] nanos) throws Exception;
    }

    private void throughCat(String name, Exchange exchange) throws Exception {
        Path in = dir.resolve("in");
        Path out = dir.resolve("out");
        Fifo.create(in);
        Fifo.create(out);
        long[] nanos = new long[rounds];
        try (Fd inGuard = Fifo.openReadWriteGuard(in);
                Fd outGuard = Fifo.openReadWriteGuard(out)) {
            Process cat = new ProcessBuilder("cat")
                    .redirectInput(in.toFile())
                    .redirectOutput(out.toFile())
                    .start();
            Runnable closeGuards = () -> {
                for (Fd guard : new Fd[] {inGuard, outGuard}) {
                    guard.close();
                }
            };
            exchange.run(in, out, closeGuards, nanos);
            cat.waitFor();
        } finally {
            Files.delete(in);
            Files.delete(out);
        }
        Arrays.sort(nanos);
        System.out.printf(
                "  %-24s p50 %6.1f us   p99 %6.1f us   p99.9 %6.1f us%n",
                name, micros(nanos, 0.5), micros(nanos, 0.99), micros(nanos, 0.999));
    }

    private static double micros(long[] sorted, double quantile) {
        return sorted[(int) (quantile * (sorted.length - 1))] / 1000.0;
    }

    private void blocking(Path in, Path out, Runnable opened, long[] nanos) throws IOException {
        ByteBuffer message = ByteBuffer.allocateDirect(MESSAGE_BYTES);
        try (FileChannel writer = FileChannel.open(in, StandardOpenOption.WRITE);
                FileChannel reader = FileChannel.open(out, StandardOpenOption.READ)) {
            opened.run();
            for (int i = 0; i < nanos.length; i++) {
                long start = System.nanoTime();
                message.clear();
                writer.write(message);
                message.clear();
                while (message.hasRemaining()) {
                    reader.read(message);
                }
                nanos[i] = System.nanoTime() - start;
            }
        }
    }

    private void onLoop(Path in, Path out, Runnable opened, long[] nanos) throws Exception {
        CountDownLatch ended = new CountDownLatch(1);
        try (Reactor reactor = Reactor.open("echo", Throwable::printStackTrace)) {
            FifoWriter writer = FifoWriter.open(reactor, Fifo.openWriter(in), Throwable::printStackTrace);
            FifoReader reader = FifoReader.open(
                    reactor, Fifo.openReader(out), new Replier(writer, nanos, new byte[MESSAGE_BYTES], ended));
            opened.run();
            writer.write(new byte[MESSAGE_BYTES], () -> {});
            reader.resume();
            ended.await();
        }
    }

    /** Sends the next round from within the call that brought the last one. */
    private static final class Replier implements FifoReader.Sink {
        private final FifoWriter writer;
        private final long[] nanos;
        private final byte[] message;
        private final CountDownLatch ended;
        private int round = -1; // the first answer is the warm-up of the child
        private int missing = MESSAGE_BYTES;
        private long start;

        Replier(FifoWriter writer, long[] nanos, byte[] message, CountDownLatch ended) {
            this.writer = writer;
            this.nanos = nanos;
            this.message = message;
            this.ended = ended;
        }

        @Override
        public boolean accept(byte[] chunk) {
            missing -= chunk.length;
            if (missing > 0) {
                return true;
            }
            long now = System.nanoTime();
            if (round >= 0) {
                nanos[round] = now - start;
            }
            missing = MESSAGE_BYTES;
            if (++round == nanos.length) {
                writer.close();
                return true;
            }
            start = System.nanoTime();
            writer.write(message, () -> {});
            return true;
        }

        @Override
        public void end(@Nullable IOException failure) {
            ended.countDown();
        }
    }

    private void handedOver(Path in, Path out, Runnable opened, long[] nanos) throws Exception {
        SynchronousQueue<byte[]> arrivals = new SynchronousQueue<>();
        CountDownLatch ended = new CountDownLatch(1);
        FifoReader.Sink sink = new FifoReader.Sink() {
            @Override
            public boolean accept(byte[] chunk) {
                try {
                    arrivals.put(chunk);
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return true;
            }

            @Override
            public void end(@Nullable IOException failure) {
                ended.countDown();
            }
        };
        byte[] message = new byte[MESSAGE_BYTES];
        try (Reactor reactor = Reactor.open("echo", Throwable::printStackTrace)) {
            FifoWriter writer = FifoWriter.open(reactor, Fifo.openWriter(in), Throwable::printStackTrace);
            FifoReader.open(reactor, Fifo.openReader(out), sink).resume();
            opened.run();
            for (int i = 0; i < nanos.length; i++) {
                long start = System.nanoTime();
                writer.write(message, () -> {});
                for (int missing = MESSAGE_BYTES; missing > 0; ) {
                    missing -= arrivals.take().length;
                }
                nanos[i] = System.nanoTime() - start;
            }
            writer.close();
            ended.await();
        }
    }
}
