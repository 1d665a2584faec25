package dev.hawse.stream;

import dev.hawse.runtime.GapCause;
import dev.hawse.runtime.OutputKind;
import dev.hawse.runtime.OutputSink;
import dev.hawse.runtime.ProcessExit;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes down what a reader of a spool was told, one line each. Wants more as long as {@link #wants} is set. */
class Output implements OutputSink {

    final List<String> told = new ArrayList<>();
    boolean wants = true;

    @Nullable
    ProcessExit exit;

    @Override
    public boolean output(OutputKind stream, long offset, byte[] bytes) {
        told.add(name(stream) + offset + " " + new String(bytes, StandardCharsets.ISO_8859_1));
        return wants;
    }

    @Override
    public void gap(OutputKind stream, long from, long to, GapCause cause) {
        switch (cause) {
            case READER_TOO_SLOW -> told.add(name(stream) + from + ".." + to + " missing");
            case NOT_KEPT -> told.add(name(stream) + from + ".." + to + " not kept");
            case SERVER_KILLED -> told.add(name(stream) + from + " maybe");
        }
    }

    @Override
    public void exited(ProcessExit end) {
        told.add("exited");
        exit = end;
    }

    private static String name(OutputKind stream) {
        return stream == OutputKind.STDOUT ? "out@" : "err@";
    }
}
