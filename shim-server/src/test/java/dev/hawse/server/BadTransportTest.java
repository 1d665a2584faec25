package dev.hawse.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.hawse.api.runtime.v1.ContainerServiceGrpc;
import dev.hawse.api.runtime.v1.GetVersionRequest;
import dev.hawse.api.runtime.v1.RuntimeServiceGrpc;
import dev.hawse.runtime.Reason;
import io.grpc.CallOptions;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Messages, metadata and bytes that no client of ours would send; the connection and everybody else's calls go on. */
@Timeout(60)
class BadTransportTest {

    private static final String CREATE =
            ContainerServiceGrpc.getCreateContainerMethod().getFullMethodName();
    private static final String EXEC = "hawse.runtime.v1.ExecService/Exec";

    @TempDir
    private Path dir;

    private ServerFixture server;
    private Stranger stranger;

    @BeforeEach
    void open() {
        server = new ServerFixture(dir);
        server.start();
        stranger = new Stranger(server.socket, "busybox", "hold");
    }

    @AfterEach
    void close() {
        stranger.close();
        server.close();
    }

    static List<BadInput> rows() {
        var rows = new ArrayList<BadInput>();
        for (var method : List.of(CREATE, EXEC)) {
            rows.add(limit(
                    "67",
                    "a message of 5 MiB to " + method,
                    "a message is too large (got 5242880 bytes)",
                    s -> send(s, method, new byte[5 << 20])));
            rows.add(limit(
                    "67",
                    "a message of four times the limit to " + method,
                    "at most 4194304 are allowed",
                    s -> send(s, method, new byte[16 << 20])));
            rows.add(limit(
                    "67",
                    "a message that swells from 16 KiB to 16 MiB in " + method,
                    "more than 4194304 bytes",
                    s -> send(s, method, new byte[16 << 20], CallOptions.DEFAULT.withCompression("gzip"))));
            rows.add(damaged("93", "a message nested 10000 deep to " + method, s -> send(s, method, nested(10_000))));
            rows.add(damaged(
                    "93",
                    "a message that ends in the middle to " + method,
                    s -> send(s, method, new byte[] {10, 100, 1})));
            rows.add(damaged("93", "a message of noise to " + method, s -> send(s, method, noise(1000))));
        }
        rows.add(limit("89", "metadata of 20000 bytes", "metadata: is too large", s -> version(s, 1, 20_000)));
        rows.add(limit("89", "2000 entries of metadata", "metadata: is too large", s -> version(s, 1000, 1)));
        return rows;
    }

    private static BadInput limit(String cases, String what, String message, BadInput.Call call) {
        return BadInput.refused(cases, what, Reason.LIMIT_REACHED, "", message, call);
    }

    private static BadInput damaged(String cases, String what, BadInput.Call call) {
        return BadInput.refused(
                cases, what, Reason.PROTOCOL_VIOLATION, "", "a message is damaged, or nested too deeply", call);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void isAnsweredAndTheConnectionGoesOn(BadInput input) {
        input.check(stranger);

        assertThat(ServerFixture.version(stranger.channel())).isEqualTo("1.2.3");
        assertThat(stranger.count()).isZero();
    }

    /** Also what is beyond the guard of the memory, of which nobody can tell the caller more than that it is over. */
    static Stream<BadInput> guarded() {
        return Stream.of(
                limit("67", "a message beyond the guard", "", s -> send(s, CREATE, new byte[(16 << 20) + 1])),
                limit("89", "metadata beyond the guard", "", s -> version(s, 1, 100_000)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("guarded")
    void beyondTheGuardTheCallEndsAndTheConnectionGoesOn(BadInput input) {
        var e = catchThrowableOfType(
                StatusRuntimeException.class, () -> input.call().by(stranger));

        assertThat(e.getStatus().getCode())
                .isIn(Status.Code.CANCELLED, Status.Code.INTERNAL, Status.Code.RESOURCE_EXHAUSTED);
        assertThat(ServerFixture.version(stranger.channel())).isEqualTo("1.2.3");
    }

    @Test
    void case94AMethodThatThereIsNoneOfIsUnimplemented() {
        for (var method : List.of("hawse.runtime.v1.ContainerService/Destroy", "other.Service/Method", "a/../b")) {
            var e = catchThrowableOfType(StatusRuntimeException.class, () -> send(stranger, method, new byte[0]));
            assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
        }
    }

    @Test
    void case95WhatIsNoHttp2IsCutOffWithoutAWordOfTheInside() throws IOException {
        var random = new byte[4096];
        new Random(7).nextBytes(random);
        for (var bytes : List.of(
                "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII),
                "POST /hawse.runtime.v1.RuntimeService/GetVersion HTTP/1.0\r\n\r\n".getBytes(US_ASCII),
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nrubbish that is no frame at all, at all".getBytes(US_ASCII),
                random)) {
            try (var channel = SocketChannel.open(UnixDomainSocketAddress.of(server.socket))) {
                var _ = channel.write(ByteBuffer.wrap(bytes));
                assertThat(readAll(channel)).doesNotContain("Exception").doesNotContain("at io.");
            }
            assertThat(ServerFixture.version(stranger.channel())).isEqualTo("1.2.3");
        }
    }

    private static String readAll(SocketChannel channel) {
        var all = new StringBuilder();
        var buffer = ByteBuffer.allocate(4096);
        try {
            while (channel.read(buffer) >= 0) {
                all.append(US_ASCII.decode(buffer.flip()));
                buffer.clear();
            }
        } catch (IOException cutOff) {
            assertThat(cutOff).hasMessageContaining("reset");
        }
        return all.toString();
    }

    private static void version(Stranger stranger, int entries, int bytes) {
        var headers = new Metadata();
        for (int i = 0; i < entries; i++) {
            headers.put(Metadata.Key.of("entry-" + i, Metadata.ASCII_STRING_MARSHALLER), "x".repeat(bytes));
        }
        var _ = RuntimeServiceGrpc.newBlockingStub(stranger.channel())
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                .getVersion(GetVersionRequest.getDefaultInstance());
    }

    private static void send(Stranger stranger, String method, byte[] message) {
        send(stranger, method, message, CallOptions.DEFAULT);
    }

    private static void send(Stranger stranger, String method, byte[] message, CallOptions options) {
        var type = method.equals(EXEC) ? MethodDescriptor.MethodType.BIDI_STREAMING : MethodDescriptor.MethodType.UNARY;
        var descriptor = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(type)
                .setFullMethodName(method)
                .setRequestMarshaller(new Bytes())
                .setResponseMarshaller(new Bytes())
                .build();
        var _ = ClientCalls.blockingUnaryCall(stranger.channel(), descriptor, options, message);
    }

    /** Groups in groups, of a field that no message has. */
    private static byte[] nested(int depth) {
        var out = new ByteArrayOutputStream();
        try {
            var coded = CodedOutputStream.newInstance(out);
            for (int i = 0; i < depth; i++) {
                coded.writeTag(1000, WireFormat.WIRETYPE_START_GROUP);
            }
            coded.flush();
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        return out.toByteArray();
    }

    private static byte[] noise(int bytes) {
        var noise = new byte[bytes];
        new Random(7).nextBytes(noise);
        return noise;
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
