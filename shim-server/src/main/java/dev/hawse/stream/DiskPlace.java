package dev.hawse.stream;

/** A place of which what comes there, and what comes after that, lies in a file: asked for, it is read into memory. */
final class DiskPlace extends Place {

    final Spill spill;

    /** Where in the file; it only grows, since the file is used in a circle. */
    final long position;

    DiskPlace(Spill spill, long position, Place like) {
        this(spill, position, like.stdout, like.stderr, like.weight);
    }

    private DiskPlace(Spill spill, long position, long stdout, long stderr, long weight) {
        super(stdout, stderr, weight);
        this.spill = spill;
        this.position = position;
    }

    @Override
    DiskPlace after(long stdoutThere, long stderrThere, long weightThere) {
        return new DiskPlace(spill, position + Frames.size(this), stdoutThere, stderrThere, weightThere);
    }
}
