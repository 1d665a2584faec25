package dev.hawse.stream;

import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputOffsets;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.OutputWriter;
import dev.hawse.runtime.ProcessExit;
import dev.hawse.runtime.ReadFrom;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Every byte that a process writes, in order, once, for any number of readers, each at its own pace.
 *
 * <p>One writer appends, from one thread at a time; readers come and go from any. Nothing here waits for a disk or for
 * anybody. What happens when a reader falls behind is the {@link SpoolPolicy}'s to say; memory is bounded by its window or
 * the history, whichever is larger, and one chunk, however many readers stall. Bytes that every reader has had are freed at
 * once, but for the history: the newest ones, each chunk counting for some more than its bytes.
 *
 * <p>A spool {@link #in} a folder has its history in files too, where every byte is before a reader gets it. Who opens one
 * there after a crash goes on with the same offsets, and readers are told of a possible gap. {@link #close()} leaves the
 * files for that, {@link #delete()} does not; a spool whose policy needs no disk and that is in no folder need not be closed.
 */
public final class Spool implements OutputWriter, AutoCloseable {

    /** What a chunk costs besides its bytes, so that single bytes count for what they take. */
    static final int CHUNK_OVERHEAD = Place.OVERHEAD;

    private final SpoolPolicy policy;
    private final long window;
    private final Story story;
    private final SpoolReaders readers;
    private final @Nullable SpoolFile file;
    private final @Nullable Spill spill;
    private volatile Runnable onRoom = () -> {};
    private volatile boolean heldBack;
    private volatile long lastHeldBack = System.nanoTime();
    private volatile boolean closed;

    private Spool(SpoolPolicy policy, long history, @Nullable SpoolFile file, Place first, Place last) {
        var most = policy instanceof SpoolPolicy.Ring(long bytes) ? Math.max(bytes, history) : history;
        this.policy = policy;
        this.window = policy.window();
        this.file = file;
        this.story = new Story(first, last, most, file);
        this.readers = new SpoolReaders(story);
        this.spill = policy instanceof SpoolPolicy.Spill settings
                ? new Spill(settings, story, readers, this::makeRoom)
                : null;
        leaveBehind(Story.notOlder(first, last.weight - window));
    }

    /** An empty spool that holds the writer back for lossless readers and keeps nothing that was read or that nobody waits for. */
    public static Spool block(long window) {
        return of(new SpoolPolicy.Block(window, SpoolPolicy.Unread.PASS), 0);
    }

    /**
     * An empty spool in memory.
     *
     * @param history how much is kept for who begins to read later, also after everybody has read it
     */
    public static Spool of(SpoolPolicy policy, long history) {
        var first = new Place(0, 0, 0);
        return new Spool(policy, history, null, first, first);
    }

    /**
     * A spool whose history is in files as well, in a folder in memory (tmpfs), since nothing waits for these writes. The
     * folder is made when there is none; what an earlier spool left in it is gone on with.
     */
    public static Spool in(Path dir, SpoolPolicy policy, long history) throws IOException {
        var found = SpoolFile.open(dir, Math.max(history, policy.window()));
        return new Spool(policy, history, found.file(), found.first(), found.last());
    }

    /** Whether an earlier spool in this folder was finished, so that nothing can follow but {@link #finish}. */
    public boolean wasFinished() {
        return file != null && file.wasFinished();
    }

    @Override
    public void onRoom(Runnable action) {
        onRoom = action;
    }

    @Override
    public boolean append(OutputKind stream, byte[] bytes) {
        if (!story.append(stream, bytes)) {
            return true;
        }
        readers.pump();
        if (spill != null) {
            spill.consider();
        }
        return !holdsBack();
    }

    @Override
    public void gap(OutputKind stream, long count) {
        story.gap(stream, count);
        readers.pump();
    }

    @Override
    public void possibleGap() {
        story.possibleGap();
        readers.pump();
    }

    @Override
    public void finish(ProcessExit exit) {
        story.finish(exit);
        readers.pump();
    }

    @Override
    public OutputOffsets head() {
        return story.tail().offsets();
    }

    /** Where {@link ReadFrom.Oldest} begins now. */
    public OutputOffsets oldest() {
        return readers.oldest().offsets();
    }

    public long stdoutBytes() {
        return story.tail().stdout;
    }

    public long stderrBytes() {
        return story.tail().stderr;
    }

    /** A lossless reader of what comes from now on, and of the end. */
    public SpoolReader readLossless(OutputSink sink) {
        return readLossless(new ReadFrom.Now(), sink);
    }

    /**
     * A reader that holds the writer back rather than miss a byte, unless the policy is a ring.
     *
     * @param sink called by one thread at a time, and not before the reader's first {@link SpoolReader#resume()}
     * @throws RuntimeFailure with {@link Reason#OFFSET_OUT_OF_RANGE} when what it is to begin with is not, or not yet, kept
     */
    public SpoolReader readLossless(ReadFrom from, OutputSink sink) {
        return add(from, sink, policy instanceof SpoolPolicy.Ring ? window : Long.MAX_VALUE);
    }

    /** A lossy reader of what comes from now on, and of the end. */
    public SpoolReader readLossy(OutputSink sink) {
        return readLossy(new ReadFrom.Now(), sink);
    }

    /** A reader that misses the oldest bytes when it is too slow, and is told so; else as {@link #readLossless}. */
    public SpoolReader readLossy(ReadFrom from, OutputSink sink) {
        return add(from, sink, window);
    }

    private SpoolReader add(ReadFrom from, OutputSink sink, long maxLag) {
        var lossless = maxLag == Long.MAX_VALUE;
        var reader =
                readers.add(from, lossless ? spill : null, (at, had) -> new SpoolReader(this, sink, at, had, maxLag));
        // Who was absent may have held the writer back.
        advanced();
        return reader;
    }

    /** Nobody reads any more: has what follows this place wait, if it is to. */
    private void leaveBehind(Place at) {
        if (policy.unread() == SpoolPolicy.Unread.WAIT && !closed) {
            readers.addAbsent(new SpoolReader(this, SpoolReader.NOBODY, at, at.offsets(), Long.MAX_VALUE));
        }
    }

    void remove(SpoolReader reader) {
        // Together, since what nobody waits for may be overwritten on disk.
        synchronized (story) {
            var at = reader.leave();
            if (at == Place.NOWHERE) {
                return;
            }
            readers.remove(reader);
            leaveBehind(spill == null ? at : spill.notOverwritten(at));
        }
        advanced();
    }

    /** A reader got on: the writer may too. */
    void advanced() {
        if (spill != null) {
            spill.consider();
        }
        makeRoom();
    }

    private void makeRoom() {
        if (heldBack && !readers.anyLags(window / 2)) {
            lastHeldBack = System.nanoTime();
            heldBack = false;
            onRoom.run();
        }
    }

    private boolean holdsBack() {
        if (!readers.anyLags(window)) {
            return false;
        }
        heldBack = true;
        // A reader may have caught up between the question and the mark, and then nobody else would look.
        advanced();
        return heldBack;
    }

    /** When the writer was last held back by a reader, on the clock of {@link System#nanoTime}: now, when it is. */
    @Override
    public long lastHeldBack() {
        return heldBack ? System.nanoTime() : lastHeldBack;
    }

    /** Whether somebody reads who may not miss a byte. */
    boolean hasLosslessReader() {
        return readers.anyLossless();
    }

    /** Every reader there is may miss bytes from now on, and is told so: nobody holds the writer back any more. */
    public void letReadersMiss() {
        readers.forEach(reader -> reader.maxLag(window));
        readers.pump();
        advanced();
    }

    /** How many readers there are now. */
    public int readers() {
        return readers.count();
    }

    long tailWeight() {
        return story.tail().weight;
    }

    /** Takes the readers off, who hear nothing more, and frees the disk. What is appended from now on may be lost. */
    @Override
    public void close() {
        closed = true;
        readers.forgetAbsent();
        readers.forEach(SpoolReader::close);
        if (spill != null) {
            spill.close();
        }
        if (file != null) {
            synchronized (story) {
                file.close();
            }
        }
    }

    /** Closes this and takes its files away, with their folder when nothing else is in it. */
    public void delete() throws IOException {
        close();
        if (file != null) {
            file.delete();
        }
    }
}
