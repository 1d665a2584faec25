package dev.hawse.cli;

import dev.hawse.client.LogRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Writes one stream of a log: as it is, or with the time before every line, or made printable, which takes whole lines. */
final class LogWriter {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.nnnnnnnnn'Z'").withZone(ZoneOffset.UTC);

    /** A line that is longer is shown in pieces. */
    private static final int LONGEST = 64 << 10;

    private final OutputStream to;
    private final boolean timestamps;
    private final boolean escaped;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean lineBegun;

    LogWriter(OutputStream to, boolean timestamps, boolean escaped) {
        this.to = to;
        this.timestamps = timestamps;
        this.escaped = escaped;
    }

    void write(LogRecord record) throws IOException {
        var data = new byte[record.data().remaining()];
        record.data().get(data);
        if (!timestamps && !escaped) {
            to.write(data);
            return;
        }
        for (byte b : data) {
            if (timestamps && !lineBegun) {
                line.writeBytes((TIME.format(record.time()) + " ").getBytes(StandardCharsets.US_ASCII));
            }
            lineBegun = b != '\n';
            line.write(b);
            if (b == '\n' || line.size() >= LONGEST) {
                flush();
            }
        }
        // Without escapes nothing has to be whole, and a prompt without line end is to be seen.
        if (!escaped) {
            flush();
        }
    }

    /** Writes what is left of a line that has no end. */
    void end() throws IOException {
        flush();
    }

    private void flush() throws IOException {
        if (line.size() > 0) {
            to.write(
                    escaped
                            ? Printable.escapeLines(line.toString(StandardCharsets.UTF_8)
                                            .replace("\r\n", "\n"))
                                    .getBytes(StandardCharsets.UTF_8)
                            : line.toByteArray());
            line.reset();
        }
    }
}
