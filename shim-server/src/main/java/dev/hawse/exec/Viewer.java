package dev.hawse.exec;

import dev.hawse.runtime.OutputSink;

/** A caller who is attached to a command. Called by one thread at a time; must not block. */
public interface Viewer extends OutputSink {

    /** Another caller gives input now; this one's is dropped from here on. May come at any time, also beside another call. */
    void writerLost();
}
