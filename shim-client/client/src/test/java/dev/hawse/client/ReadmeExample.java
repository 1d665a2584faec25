package dev.hawse.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What the README shows; compiled here so that it stays true. */
final class ReadmeExample {

    private ReadmeExample() {}

    public static void main(String[] args) throws IOException {
        // tag::example
        try (HawseClient client = HawseClient.create("unix:/run/hawse/hawse.sock")) {
            client.images().load(Path.of("busybox.tar"));

            ContainerSpec spec = ContainerSpec.builder("busybox", "sleep", "1d")
                    .memoryBytes(64 << 20)
                    .pidsLimit(100)
                    .build();
            String container = client.containers().runDetached(spec).id();
            try {
                // A command and everything it said.
                ExecResult uname = client.run(container, "uname", "-a");
                System.out.println(uname.status() + ": " + uname.stdoutUtf8());

                // A command and its streams: bytes in, bytes out, both as they come.
                ExecSpec sort = ExecSpec.builder("sort", "-r").stdin().build();
                try (ExecSession session = client.exec(container, sort)) {
                    session.onOutput((stream, bytes) -> System.out.print(StandardCharsets.UTF_8.decode(bytes)));
                    try (var stdin = session.stdin()) {
                        stdin.write("anchor\nhawse\ncable\n".getBytes(StandardCharsets.UTF_8));
                    }
                    ExitStatus status = session.awaitExit().status();
                    System.out.println("sort ended with " + status);
                }
            } catch (HawseException e) {
                System.err.println(e.reason() + ": " + e.getMessage());
            } finally {
                client.containers().remove(container, true);
            }
        }
        // end::example
    }
}
