package dev.hawse.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputOffsets;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ReadFrom;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.stream.SpoolPolicy.Unread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * A spool against a list of all that was ever written, while anything happens in any order: readers begin anywhere, stall,
 * go on and leave, bytes are missing, the disk is late, the server is killed.
 */
class SpoolPropertyTest {

    private static final int STEPS = 200;

    /** One byte or one possible gap of the story, and how much there was of each stream before it. */
    private record Item(OutputKind stream, int value, OutputOffsets before) {
        static final int MISSING = -1;
        static final int POSSIBLE_GAP = -2;
    }

    @Property(tries = 300)
    void blockTellsEveryReaderTheWholeStory(@ForAll Random random) throws IOException {
        play(random, (dir, disk) -> new SpoolPolicy.Block(2000, unread(random)), false);
    }

    @Property(tries = 300)
    void ringTellsEveryReaderWhatItMissed(@ForAll Random random) throws IOException {
        play(random, (dir, disk) -> new SpoolPolicy.Ring(2000), false);
    }

    @Property(tries = 300)
    void spillTellsEveryReaderTheWholeStory(@ForAll Random random) throws IOException {
        play(random, (dir, disk) -> new SpoolPolicy.Spill(1500, 3001, dir, disk, unread(random)), false);
    }

    @Property(tries = 200)
    void theStoryGoesOnWhereTheServerWasKilled(@ForAll Random random) throws IOException {
        play(random, (dir, disk) -> new SpoolPolicy.Block(2000, unread(random)), true);
    }

    private static int slot(OutputKind stream) {
        return stream == OutputKind.STDOUT ? 0 : 1;
    }

    private static Unread unread(Random random) {
        return random.nextBoolean() ? Unread.WAIT : Unread.PASS;
    }

    private interface Make {
        SpoolPolicy policy(Path dir, Executor disk);
    }

    private static void play(Random random, Make make, boolean killed) throws IOException {
        var dir = Files.createTempDirectory("spool");
        try (var game = new Game(random, make, dir, killed)) {
            for (int i = 0; i < STEPS; i++) {
                game.step();
            }
            game.end();
        } finally {
            for (var file : List.of("output.0", "output.1", "")) {
                Files.deleteIfExists(dir.resolve(file));
            }
        }
    }

    private static final class Game implements AutoCloseable {
        private final Random random;
        private final boolean killed;
        private final Path dir;
        private final SpoolPolicy policy;
        private final long history;
        private final ArrayDeque<Runnable> disk = new ArrayDeque<>();
        private final List<Item> story = new ArrayList<>();
        private final List<Checker> readers = new ArrayList<>();
        private final AtomicInteger rooms = new AtomicInteger();
        private Spool spool;
        private OutputOffsets head = new OutputOffsets(0, 0);
        private boolean waiting;

        Game(Random random, Make make, Path dir, boolean killed) throws IOException {
            this.random = random;
            this.killed = killed;
            this.dir = dir;
            this.policy = make.policy(dir, disk::add);
            this.history = random.nextInt(3) * 1000L;
            this.spool = open();
        }

        private Spool open() throws IOException {
            var opened = killed ? Spool.in(dir, policy, history) : Spool.of(policy, history);
            opened.onRoom(rooms::incrementAndGet);
            return opened;
        }

        void step() throws IOException {
            switch (random.nextInt(20)) {
                case 0, 1, 2, 3, 4, 5, 6, 7 -> append();
                case 8 -> gap();
                case 9 -> begin();
                case 10 ->
                    readers.stream()
                            .skip(readers.isEmpty() ? 0 : random.nextInt(readers.size()))
                            .findFirst()
                            .ifPresent(this::leave);
                case 11 -> disk();
                case 12 -> {
                    if (killed && random.nextInt(4) == 0) {
                        kill();
                    }
                }
                default ->
                    readers.stream()
                            .skip(readers.isEmpty() ? 0 : random.nextInt(readers.size()))
                            .findFirst()
                            .ifPresent(checker -> checker.reader.resume());
            }
            assertThat(spool.head()).isEqualTo(head);
            assertThat(spool.readers()).isEqualTo(readers.size());
        }

        private void append() {
            if (waiting && rooms.get() == 0) {
                return;
            }
            rooms.set(0);
            var stream = random.nextInt(3) == 0 ? OutputKind.STDERR : OutputKind.STDOUT;
            var bytes = new byte[1 + random.nextInt(random.nextInt(10) == 0 ? 700 : 60)];
            random.nextBytes(bytes);
            for (var b : bytes) {
                note(stream, b & 0xff);
            }
            waiting = !spool.append(stream, bytes);
            assertThat(waiting && policy instanceof SpoolPolicy.Ring).isFalse();
        }

        private void gap() {
            if (random.nextInt(4) == 0) {
                story.add(new Item(OutputKind.STDOUT, Item.POSSIBLE_GAP, head));
                spool.possibleGap();
            } else {
                var count = 1 + random.nextInt(5);
                for (int i = 0; i < count; i++) {
                    note(OutputKind.STDERR, Item.MISSING);
                }
                spool.gap(OutputKind.STDERR, count);
            }
        }

        private void note(OutputKind stream, int value) {
            story.add(new Item(stream, value, head));
            head = stream == OutputKind.STDOUT
                    ? new OutputOffsets(head.stdout() + 1, head.stderr())
                    : new OutputOffsets(head.stdout(), head.stderr() + 1);
        }

        private void begin() {
            var oldest = spool.oldest();
            var from = switch (random.nextInt(4)) {
                case 0 -> new ReadFrom.Now();
                case 1 -> new ReadFrom.Oldest();
                default ->
                    new ReadFrom.At(new OutputOffsets(
                            near(oldest.stdout(), head.stdout()), near(oldest.stderr(), head.stderr())));
            };
            var refused = catchThrowable(() -> readers.add(new Checker(from, random.nextInt(3) != 0)));
            var outside = from instanceof ReadFrom.At(var at)
                    && (at.stdout() < oldest.stdout()
                            || at.stderr() < oldest.stderr()
                            || at.stdout() > head.stdout()
                            || at.stderr() > head.stderr());
            assertThat(refused instanceof RuntimeFailure)
                    .as("%s is refused, %s", from, refused)
                    .isEqualTo(outside);
        }

        private long near(long from, long to) {
            return Math.max(0, from - 2 + random.nextLong(to - from + 5));
        }

        private void leave(Checker checker) {
            checker.reader.close();
            readers.remove(checker);
        }

        private void disk() {
            for (int i = random.nextInt(4); i > 0 && !disk.isEmpty(); i--) {
                disk.remove().run();
            }
        }

        private void kill() throws IOException {
            readers.clear();
            disk.clear();
            if (story.isEmpty() || story.getLast().value() != Item.POSSIBLE_GAP) {
                // One that nothing was ever written to leaves nothing.
                if (!story.isEmpty()) {
                    story.add(new Item(OutputKind.STDOUT, Item.POSSIBLE_GAP, head));
                }
            }
            spool = open();
            waiting = false;
        }

        /** Whoever is there hears the rest. */
        void end() {
            spool.finish(Exits.of(spool));
            for (int i = 0; i < 100_000 && (!readers.isEmpty() || !disk.isEmpty()); i++) {
                List.copyOf(readers).forEach(checker -> checker.reader.resume());
                disk();
                readers.removeIf(checker -> checker.ended);
            }
            assertThat(readers).isEmpty();
        }

        @Override
        public void close() {
            spool.close();
        }

        /** Walks along the story with what one reader is told. */
        private final class Checker implements OutputSink {
            private final SpoolReader reader;
            private final OutputOffsets had;
            private final long[] next;
            private int possibleGaps;
            private final long begun;
            private boolean ended;

            Checker(ReadFrom from, boolean lossless) {
                reader = lossless ? spool.readLossless(from, this) : spool.readLossy(from, this);
                had = reader.from();
                next = new long[] {had.stdout(), had.stderr()};
                begun = from instanceof ReadFrom.Now ? marks() : marks() - marksAhead();
            }

            private long marks() {
                return story.stream().filter(this::isMark).count();
            }

            private long marksAhead() {
                return story.stream().filter(this::isMark).filter(this::ahead).count();
            }

            private boolean isMark(Item item) {
                return item.value() == Item.POSSIBLE_GAP;
            }

            /** Marks at the very place where it began may lie before the oldest place that is kept. */
            private int dropped() {
                return (int) story.stream()
                        .filter(this::isMark)
                        .filter(mark -> mark.before().equals(had))
                        .count();
            }

            private boolean ahead(Item mark) {
                return mark.before().stdout() >= had.stdout() && mark.before().stderr() >= had.stderr();
            }

            @Override
            public boolean output(OutputKind stream, long offset, byte[] bytes) {
                assertThat(offset).isEqualTo(next[slot(stream)]);
                assertThat(bytes).isNotEmpty();
                var at = index(stream, offset);
                if (!reader.isLossy()) {
                    assertNothingBetween(at);
                }
                for (int i = 0; i < bytes.length; i++) {
                    var item = story.get(at + i);
                    assertThat(item.stream()).isEqualTo(stream);
                    assertThat(item.value()).isEqualTo(bytes[i] & 0xff);
                }
                next[slot(stream)] += bytes.length;
                return random.nextInt(3) != 0;
            }

            /** The order of both streams: whatever comes before this in the story has been told. */
            private void assertNothingBetween(int at) {
                var before = story.get(at).before();
                assertThat(next[0]).isGreaterThanOrEqualTo(before.stdout());
                assertThat(next[1]).isGreaterThanOrEqualTo(before.stderr());
            }

            private int index(OutputKind stream, long offset) {
                for (int i = 0; i < story.size(); i++) {
                    var item = story.get(i);
                    var there = stream == OutputKind.STDOUT
                            ? item.before().stdout()
                            : item.before().stderr();
                    if (item.stream() == stream && there == offset && !isMark(item)) {
                        return i;
                    }
                }
                throw new AssertionError(stream + " has no " + offset);
            }

            @Override
            public void gap(OutputKind stream, long from, long to, GapCause cause) {
                if (cause == GapCause.SERVER_KILLED) {
                    assertThat(from).isEqualTo(to);
                    assertThat(story)
                            .anyMatch(item -> isMark(item)
                                    && (stream == OutputKind.STDOUT
                                                    ? item.before().stdout()
                                                    : item.before().stderr())
                                            == from);
                    possibleGaps += stream == OutputKind.STDOUT ? 1 : 0;
                    return;
                }
                assertThat(to).isGreaterThan(from);
                assertThat(from).isEqualTo(next[slot(stream)]);
                if (!reader.isLossy()) {
                    var at = index(stream, from);
                    for (int i = 0; i < to - from; i++) {
                        assertThat(story.get(at + i).value()).isEqualTo(Item.MISSING);
                    }
                }
                next[slot(stream)] = to;
            }

            @Override
            public void exited(ProcessExit exit) {
                assertThat(new OutputOffsets(next[0], next[1])).isEqualTo(head);
                if (!reader.isLossy()) {
                    assertThat(possibleGaps).isBetween((int) (marks() - begun) - dropped(), (int) (marks() - begun));
                }
                ended = true;
            }
        }
    }
}
