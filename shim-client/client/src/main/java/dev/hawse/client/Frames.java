package dev.hawse.client;

import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor;

/** The frames of one streaming method: how those to the process are written, and those from it read. */
interface Frames<Q, R> {

    MethodDescriptor<Q, R> method();

    Q input(ByteString data);

    Q endOfInput();

    Q resize(TerminalSize size);

    Q signal(String signal, SignalScope scope);

    /** Tells the session what a frame is; with the session's lock, must not block. */
    void read(R frame, SessionState session);
}
