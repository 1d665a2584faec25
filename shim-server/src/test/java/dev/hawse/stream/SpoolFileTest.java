package dev.hawse.stream;

import static dev.hawse.runtime.OutputKind.STDERR;
import static dev.hawse.runtime.OutputKind.STDOUT;
import static dev.hawse.stream.SpoolHistoryTest.append;
import static dev.hawse.stream.SpoolHistoryTest.at;
import static dev.hawse.stream.SpoolHistoryTest.told;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.runtime.OutputOffsets;
import dev.hawse.runtime.ReadFrom;
import dev.hawse.stream.SpoolPolicy.Unread;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SpoolFileTest {

    private static final SpoolPolicy POLICY = new SpoolPolicy.Block(1 << 16, Unread.PASS);
    private static final long HISTORY = 1 << 16;

    @TempDir
    Path root;

    private Path dir() {
        return root.resolve("a").resolve("spool");
    }

    private Spool open() throws IOException {
        return Spool.in(dir(), POLICY, HISTORY);
    }

    @Test
    void aNewFolderHoldsNothingAndIsPrivate() throws IOException {
        var spool = open();
        append(spool, STDOUT, "a");

        assertThat(told(spool, new ReadFrom.Oldest())).containsExactly("out@0 a");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir())))
                .isEqualTo("rwx------");
        assertThat(files())
                .allSatisfy(file -> assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------"));
        spool.delete();
        assertThat(dir()).doesNotExist();
    }

    @Test
    void aSpoolHoldsNoDescriptorAfterItsEnd() throws IOException {
        var spool = open();
        append(spool, STDOUT, "a");
        assertThat(descriptors()).isPositive();
        spool.finish(Exits.of(spool));
        assertThat(descriptors()).isZero();

        var again = open();
        assertThat(again.wasFinished()).isTrue();
        again.finish(Exits.of(again));
        assertThat(descriptors()).isZero();
        assertThat(told(again, new ReadFrom.Oldest())).startsWith("out@0 a");
    }

    private long descriptors() throws IOException {
        try (var open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(fd -> {
                        try {
                            return Files.readSymbolicLink(fd).startsWith(root);
                        } catch (IOException e) {
                            return false;
                        }
                    })
                    .count();
        }
    }

    @Test
    void aSpoolThatWasCutOffGoesOnWithItsOffsetsAndAPossibleGap() throws IOException {
        var killed = open();
        append(killed, STDOUT, "abc");
        append(killed, STDERR, "x");
        killed.gap(STDERR, 5);

        var spool = open();
        assertThat(spool.head()).isEqualTo(new OutputOffsets(3, 6));
        assertThat(spool.wasFinished()).isFalse();
        append(spool, STDOUT, "d");
        assertThat(told(spool, new ReadFrom.Oldest()))
                .containsExactly("out@0 abc", "err@0 x", "err@1..6 not kept", "out@3 maybe", "err@6 maybe", "out@3 d");
        assertThat(told(spool, at(3, 6))).containsExactly("out@3 maybe", "err@6 maybe", "out@3 d");

        // The first possible gap stays, and there is another one.
        assertThat(told(open(), new ReadFrom.Oldest()))
                .containsExactly(
                        "out@0 abc",
                        "err@0 x",
                        "err@1..6 not kept",
                        "out@3 maybe",
                        "err@6 maybe",
                        "out@3 d",
                        "out@4 maybe",
                        "err@6 maybe");
        assertThat(told(open(), at(4, 6))).containsExactly("out@4 maybe", "err@6 maybe");
    }

    @Test
    void aSpoolThatWasFinishedIsWhole() throws IOException {
        var finished = open();
        append(finished, STDOUT, "abc");
        finished.finish(Exits.of(finished));
        finished.close();

        for (int i = 0; i < 2; i++) {
            var spool = open();
            assertThat(spool.wasFinished()).isTrue();
            spool.finish(Exits.of(spool));
            assertThat(told(spool, at(1, 0))).containsExactly("out@1 bc", "exited");
            spool.close();
        }
    }

    @Test
    void whatIsWrittenAfterClosingIsNotInTheFiles() throws IOException {
        var closed = open();
        append(closed, STDOUT, "abc");
        closed.close();
        append(closed, STDOUT, "d");
        assertThat(open().head()).isEqualTo(new OutputOffsets(3, 0));
    }

    @Test
    void filesAreBoundedAndHoldAtLeastTheHistory() throws IOException {
        var spool = open();
        for (int i = 0; i < 1000; i++) {
            append(spool, i % 3 == 0 ? STDERR : STDOUT, "x".repeat(1000));
            var size =
                    files().stream().mapToLong(file -> file.toFile().length()).sum();
            assertThat(size).isLessThan(2 * HISTORY + 4096);
        }
        var kept = spool.oldest();
        var head = spool.head();

        var next = open();
        assertThat(next.head()).isEqualTo(head);
        assertThat(next.oldest().stdout()).isLessThanOrEqualTo(kept.stdout() + 1000);
        assertThat(next.oldest().stderr()).isLessThanOrEqualTo(kept.stderr() + 1000);
        assertThat(next.head().stdout() - next.oldest().stdout()).isGreaterThan(HISTORY / 2);
    }

    @Test
    void aFileThatIsTornAtAnyByteEndsWithItsLastWholeChunk() throws IOException {
        var spool = open();
        for (int i = 0; i < 20; i++) {
            append(spool, i % 3 == 0 ? STDERR : STDOUT, "chunk " + i + " ");
        }
        spool.gap(STDOUT, 3);
        spool.finish(Exits.of(spool));
        var whole = Files.readAllBytes(file());
        var all = told(spool, new ReadFrom.Oldest());

        long before = 0;
        for (int length = 0; length <= whole.length; length++) {
            Files.write(file(), Arrays.copyOf(whole, length));
            var torn = open();
            var head = torn.head().stdout() + torn.head().stderr();
            assertThat(head).as("at byte %s", length).isGreaterThanOrEqualTo(before);
            before = head;
            assertThat(torn.wasFinished()).isEqualTo(length == whole.length);
            var story = String.join("", joined(told(torn, new ReadFrom.Oldest())));
            assertThat(String.join("", joined(all))).startsWith(story);
            if (!torn.wasFinished()) {
                append(torn, STDOUT, "more");
            }
            torn.close();

            // It is gone on with, whatever was cut off.
            assertThat(open().head()).isEqualTo(torn.head());
            Files.deleteIfExists(dir().resolve("output.0"));
        }
        assertThat(before).isEqualTo(spool.head().stdout() + spool.head().stderr());
    }

    @Test
    void aTurnOfTheFilesThatIsCutOffAtAnyByteLosesNothing() throws IOException {
        var spool = open();
        while (files().size() < 2) {
            append(spool, STDOUT, "x".repeat(1000));
        }
        spool.close();
        // Numbers begin with 1, so the second file is number 0.
        var newer = dir().resolve("output.0");
        var whole = Files.readAllBytes(newer);
        var head = spool.head().stdout();
        for (int length = 0; length <= whole.length; length++) {
            Files.write(newer, Arrays.copyOf(whole, length));
            var torn = SpoolFile.open(dir(), HISTORY);
            assertThat(torn.first().stdout).isZero();
            assertThat(torn.last().stdout).isEqualTo(length == whole.length ? head : head - 1000);
            torn.file().close();
        }
    }

    @Test
    void noMoreThanTheHistoryIsInMemory() throws IOException {
        var spool = open();
        append(spool, STDOUT, "before");
        spool.close();
        var next = open();
        var chunks = new ArrayList<WeakReference<byte[]>>();
        for (int i = 0; i < 200; i++) {
            var bytes = new byte[1000];
            next.append(STDOUT, bytes);
            chunks.add(new WeakReference<>(bytes));
        }
        await().untilAsserted(() -> {
            System.gc();
            assertThat(chunks)
                    .filteredOn(chunk -> chunk.get() != null)
                    .hasSizeLessThanOrEqualTo((int) HISTORY / 1000 + 1);
        });
        next.close();
    }

    @Test
    void damagedBytesEndTheStoryAndNeverChangeIt() throws IOException {
        var spool = open();
        append(spool, STDOUT, "first");
        append(spool, STDERR, "second");
        append(spool, STDOUT, "third");
        var whole = Files.readAllBytes(file());
        var story = "firstsecondthird";
        for (int i = 0; i < whole.length; i++) {
            var damaged = whole.clone();
            damaged[i] ^= 0x41;
            Files.write(file(), damaged);
            var found = open();
            assertThat(story).startsWith(String.join("", joined(told(found, new ReadFrom.Oldest()))));
            found.close();
        }
    }

    /** What was told of bytes, without offsets. */
    private static List<String> joined(List<String> told) {
        return told.stream()
                .filter(line -> line.matches("(out|err)@\\d+ .*") && !line.endsWith(" maybe"))
                .map(line -> line.substring(line.indexOf(' ') + 1))
                .toList();
    }

    private Path file() {
        return dir().resolve("output.1");
    }

    private List<Path> files() throws IOException {
        if (!Files.exists(dir())) {
            return List.of();
        }
        try (var files = Files.list(dir())) {
            return files.toList();
        }
    }
}
