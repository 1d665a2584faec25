package dev.hawse.server;

import static dev.hawse.server.BadInput.invalid;
import static dev.hawse.server.BadInput.refused;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import dev.hawse.api.runtime.v1.AttachContainerRequest;
import dev.hawse.api.runtime.v1.AttachContainerStart;
import dev.hawse.api.runtime.v1.ExecRequest;
import dev.hawse.api.runtime.v1.ExecStart;
import dev.hawse.api.runtime.v1.PauseContainerRequest;
import dev.hawse.api.runtime.v1.RunContainerRequest;
import dev.hawse.api.runtime.v1.SignalFrame;
import dev.hawse.api.runtime.v1.StdinEof;
import dev.hawse.api.runtime.v1.StopContainerRequest;
import dev.hawse.api.runtime.v1.TerminalSize;
import dev.hawse.runtime.Reason;
import java.util.ArrayList;
import java.util.List;

/** Frames of streams that mean nothing, come too early or too late, or are too large. */
final class BadFrames {

    private static final ExecRequest INPUT = stdin(ByteString.copyFromUtf8("x"));
    private static final ExecRequest EOF =
            ExecRequest.newBuilder().setStdinEof(StdinEof.getDefaultInstance()).build();

    private BadFrames() {}

    static List<BadInput> rows() {
        var rows = new ArrayList<BadInput>();
        order(rows);
        sizes(rows);
        rows.add(invalid(
                "67",
                "a frame of input beyond 1 MiB",
                "stdin",
                "a frame must be at most 1 MiB (got 1048577 bytes)",
                s -> s.exec(start -> start.getIoBuilder().setStdin(true), stdin(bytes((1 << 20) + 1)))));
        rows.add(refused(
                "67",
                "a message beyond 4 MiB to a command",
                Reason.LIMIT_REACHED,
                "",
                "a message is too large (got ",
                s -> s.exec(start -> start.getIoBuilder().setStdin(true), stdin(bytes(5 << 20)))));
        rows.add(refused(
                "67",
                "a first message beyond 4 MiB",
                Reason.LIMIT_REACHED,
                "",
                "at most 4194304 are allowed, see server.max-message-size",
                s -> s.exchange(stdin(bytes(5 << 20)))));
        rows.add(refused(
                "66",
                "a command in a container that is not there",
                Reason.CONTAINER_NOT_FOUND,
                "",
                "no container has",
                s -> s.exec(start -> start.setContainer("gone"))));
        rows.add(refused(
                "66",
                "a command in a container that never ran",
                Reason.CONTAINER_STATE,
                "",
                "has not been started",
                s -> s.exec(start -> start.setContainer(s.create(_ -> {})))));
        rows.add(refused("66", "a command in a paused container", Reason.CONTAINER_STATE, "", "is paused", s -> {
            var id = s.running();
            s.containers()
                    .pauseContainer(
                            PauseContainerRequest.newBuilder().setContainer(id).build());
            s.exec(start -> start.setContainer(id));
        }));
        rows.add(refused(
                "66", "a command in a container that has exited", Reason.CONTAINER_STATE, "", "has exited", s -> {
                    var id = s.running();
                    s.containers()
                            .stopContainer(StopContainerRequest.newBuilder()
                                    .setContainer(id)
                                    .setGrace(Duration.getDefaultInstance())
                                    .build());
                    s.exec(start -> start.setContainer(id));
                }));
        return rows;
    }

    private static void order(List<BadInput> rows) {
        var first = "the first frame must be start";
        for (var frame : List.of(INPUT, EOF, resize(80, 24), signal("TERM"))) {
            rows.add(violation("59", frame.getFrameCase() + " before start", first, s -> s.exchange(frame)));
        }
        rows.add(violation("59", "a command's call that ends before it begins", first, Stranger::exchange));
        rows.add(violation(
                "59", "an empty frame", "a frame is empty", s -> s.exchange(ExecRequest.getDefaultInstance())));
        rows.add(violation(
                "59",
                "input for a container before start",
                first,
                s -> s.run(RunContainerRequest.newBuilder()
                        .setStdin(ByteString.copyFromUtf8("x"))
                        .build())));
        rows.add(violation(
                "59",
                "input for an attachment before start",
                first,
                s -> s.attach(AttachContainerRequest.newBuilder()
                        .setStdin(ByteString.copyFromUtf8("x"))
                        .build())));
        rows.add(violation(
                "60",
                "a second start",
                "start must come once",
                s -> s.exec(
                        _ -> {},
                        ExecRequest.newBuilder()
                                .setStart(ExecStart.getDefaultInstance())
                                .build())));
        rows.add(violation(
                "61",
                "input after its end",
                "it came after the end of input",
                s -> s.exec(start -> start.getIoBuilder().setStdin(true), EOF, INPUT)));
        rows.add(
                violation("62", "input for a command that was started without", "stdin: ", s -> s.exec(_ -> {}, INPUT))
                        .because(
                                "the caller said itself that none would come: its frames do not fit together, no state can mend it"));
        rows.add(violation(
                        "75",
                        "input from a viewer that said it would only look",
                        "stdin: the call was started without it",
                        s -> s.attach(
                                AttachContainerRequest.newBuilder()
                                        .setStart(AttachContainerStart.newBuilder()
                                                .setContainer(s.running(spec ->
                                                        spec.getIoBuilder().setStdin(true))))
                                        .build(),
                                AttachContainerRequest.newBuilder()
                                        .setStdin(ByteString.copyFromUtf8("x"))
                                        .build()))
                .because("there are no roles yet; the caller goes against its own first frame"));
        rows.add(invalid(
                "75",
                "a viewer that would write where nobody can",
                "stdin",
                "the container was created without stdin",
                s -> s.attach(AttachContainerRequest.newBuilder()
                        .setStart(AttachContainerStart.newBuilder()
                                .setContainer(s.running())
                                .setStdin(true))
                        .build())));
        rows.add(invalid(
                "23", "signal SIGFOO to a command", "signal", "is no signal", s -> s.exec(_ -> {}, signal("SIGFOO"))));
    }

    private static void sizes(List<BadInput> rows) {
        var sizes = List.of(resize(0, 0), resize(65536, 1), resize(-1, 24));
        for (var size : sizes) {
            var columns = Integer.toUnsignedString(size.getResize().getColumns());
            var message = "must be 1 to 65535 (got " + columns + ")";
            rows.add(invalid(
                    "63",
                    "a terminal of " + columns + " columns while a command runs",
                    "resize.columns",
                    message,
                    s -> s.exec(start -> start.getIoBuilder().setTerminal(true), size)));
            rows.add(invalid(
                    "63",
                    "a terminal of " + columns + " columns from the start",
                    "io.size.columns",
                    message,
                    s -> s.exec(start -> start.getIoBuilder().setTerminal(true).setSize(size.getResize()))));
            rows.add(invalid(
                    "63",
                    "a container's terminal of " + columns + " columns",
                    "io.size.columns",
                    message,
                    s -> s.create(spec -> spec.getIoBuilder().setTerminal(true).setSize(size.getResize()))));
        }
        rows.add(invalid(
                "63",
                "a terminal of no rows",
                "resize.rows",
                "must be 1 to 65535 (got 0)",
                s -> s.exec(start -> start.getIoBuilder().setTerminal(true), resize(80, 0))));
        rows.add(invalid(
                "63",
                "a terminal's size without a terminal",
                "io.size",
                "is only allowed with terminal",
                s -> s.exec(start ->
                        start.getIoBuilder().getSizeBuilder().setColumns(1).setRows(1))));
        rows.add(invalid(
                "63",
                "a viewer's size of no columns",
                "size.columns",
                "must be 1 to 65535 (got 0)",
                s -> s.attach(AttachContainerRequest.newBuilder()
                        .setStart(AttachContainerStart.newBuilder()
                                .setContainer(
                                        s.running(spec -> spec.getIoBuilder().setTerminal(true)))
                                .setSize(TerminalSize.newBuilder().setRows(1)))
                        .build())));
    }

    private static BadInput violation(String cases, String what, String message, BadInput.Call call) {
        return refused(cases, what, Reason.PROTOCOL_VIOLATION, "", message, call);
    }

    private static ByteString bytes(int count) {
        return ByteString.copyFrom(new byte[count]);
    }

    private static ExecRequest stdin(ByteString bytes) {
        return ExecRequest.newBuilder().setStdin(bytes).build();
    }

    private static ExecRequest resize(int columns, int rows) {
        return ExecRequest.newBuilder()
                .setResize(TerminalSize.newBuilder().setColumns(columns).setRows(rows))
                .build();
    }

    private static ExecRequest signal(String signal) {
        return ExecRequest.newBuilder()
                .setSignal(SignalFrame.newBuilder().setSignal(signal))
                .build();
    }
}
