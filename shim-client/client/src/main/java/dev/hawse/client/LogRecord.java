package dev.hawse.client;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * A piece of a log, as long as one read of the process's output was: several lines, or part of one. Immutable.
 *
 * @param time when it was read
 * @param data exactly as the process wrote it; read-only, and anew at its start for every caller
 * @param missing how many bytes of the stream the log does not have before what follows; then there is no data
 * @param why says it in words; empty when nothing is missing
 */
public record LogRecord(OutputKind stream, Instant time, ByteBuffer data, long missing, String why) {

    public LogRecord {
        data = data.asReadOnlyBuffer();
    }

    /** A piece that is there. */
    public LogRecord(OutputKind stream, Instant time, ByteBuffer data) {
        this(stream, time, data, 0, "");
    }

    @Override
    public ByteBuffer data() {
        return data.duplicate();
    }

    /** The bytes as a string; what is no UTF-8 is replaced. */
    public String utf8() {
        return StandardCharsets.UTF_8.decode(data()).toString();
    }
}
