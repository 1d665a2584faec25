package dev.hawse.exec;

import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;

/** Takes the output of a command that is killed with nobody attached: else its end would wait for a reader for ever. */
enum Nobody implements OutputSink {
    INSTANCE;

    @Override
    public boolean output(OutputKind stream, long offset, byte[] bytes) {
        return true;
    }

    @Override
    public void gap(OutputKind stream, long from, long to, GapCause cause) {}

    @Override
    public void exited(ProcessExit exit) {}
}
