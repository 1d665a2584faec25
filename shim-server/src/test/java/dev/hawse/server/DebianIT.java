package dev.hawse.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.hawse.client.ContainerSpec;
import dev.hawse.client.ExecSession;
import dev.hawse.client.ExecSpec;
import dev.hawse.client.ExitStatus;
import dev.hawse.client.TerminalSize;
import dev.hawse.testing.ContainerdFixture;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A person at a terminal in a real Debian. Its archive is made by {@code scripts/make-debian-image} and named by the system
 * property or environment variable {@code DEBIAN_ARCHIVE}; without it these tests fail.
 */
@Timeout(120)
final class DebianIT {

    @RegisterExtension
    @Order(1)
    static final ContainerdFixture CONTAINERD = new ContainerdFixture();

    @RegisterExtension
    @Order(2)
    static final LiveServer SERVER = new LiveServer(CONTAINERD);

    private static String image;

    @BeforeAll
    static void load() throws IOException {
        var archive = Optional.ofNullable(System.getProperty("DEBIAN_ARCHIVE"))
                .or(() -> Optional.ofNullable(System.getenv("DEBIAN_ARCHIVE")))
                .orElseThrow(() -> new IllegalStateException("these tests need a Debian: set DEBIAN_ARCHIVE to"
                        + " the archive that scripts/make-debian-image makes, as scripts/test does"));
        image = SERVER.client().images().load(Path.of(archive)).getFirst().name();
    }

    private static String debian() {
        return SERVER.run(ContainerSpec.builder(image, "sleep", "100000")).id();
    }

    /** What a person sees and types. */
    private static final class Person implements AutoCloseable {
        private final String container;
        private final ExecSession session;
        private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
        private int seen;

        Person(String container, String... command) {
            this.container = container;
            session = SERVER.client()
                    .exec(
                            container,
                            ExecSpec.builder(command)
                                    .stdin()
                                    .terminal(new TerminalSize(80, 24))
                                    .env("TERM", "xterm-256color")
                                    .env("PS1", "at-your-service> ")
                                    .env("LC_ALL", "C.UTF-8")
                                    .build());
            session.onOutput((_, data) -> Channels.newChannel(screen).write(data));
        }

        static Person atBash(String container) {
            var person = new Person(container, "bash", "--norc", "-i");
            person.sees("at-your-service> ");
            return person;
        }

        void types(String text) throws IOException {
            session.stdin().write(text.getBytes(UTF_8));
        }

        /** Waits for this to appear behind what was seen before. */
        void sees(String text) {
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(unseen()).contains(text));
            seen += unseen().indexOf(text) + text.length();
        }

        private String unseen() {
            return screen.toString(UTF_8).substring(seen);
        }

        /** Waits for a command to run: before that, control characters would be for the shell. */
        void runs(String command) {
            await().until(() -> SERVER.client().containers().processes(container).stream()
                    .anyMatch(p -> String.join(" ", p.args()).equals(command)));
        }

        @Override
        public void close() {
            session.close();
        }
    }

    @Test
    void bashAnswersAtItsPrompt() throws IOException {
        try (var person = Person.atBash(debian())) {
            person.types("echo $((6 * 7)) grüße\r");
            person.sees("echo $((6 * 7)) grüße\r\n");
            person.sees("42 grüße\r\n");
            person.sees("at-your-service> ");
            person.types("seq 1 5 | sort -rn | head -n 2 | tr '\\n' ,; sha256sum </dev/null | cut -c1-8\r");
            person.sees("5,4,e3b0c442\r\n");
            // The line editor and its history.
            person.types("\u001b[A\u001b[A\u0001# \u0005 more\r");
            person.sees("# ");
            person.types("tty; test -t 0 -a -t 1 -a -t 2 && echo all three\r");
            person.sees("/dev/pts/0\r\n");
            person.sees("all three\r\n");
        }
    }

    @Test
    void controlCInterruptsAndControlDEnds() throws IOException {
        try (var person = Person.atBash(debian())) {
            person.types("sleep 1000\r");
            person.runs("sleep 1000");
            person.types("\u0003");
            person.sees("^C");
            person.sees("at-your-service> ");
            person.types("echo then $?\r");
            person.sees("then 130\r\n");
            person.types("sleep 2000\r");
            person.runs("sleep 2000");
            person.types("\u001a");
            person.sees("Stopped");
            person.types("kill %1; wait; (exit 9)\r");
            person.sees("at-your-service> ");
            person.types("\u0004");
            assertThat(person.session.awaitExit().status()).isInstanceOf(ExitStatus.Code.class);
        }
    }

    @Test
    void resizeIsSeenByPrograms() throws IOException {
        try (var person = Person.atBash(debian())) {
            person.types("tput cols; tput lines\r");
            person.sees("80\r\n24\r\n");
            person.session.resize(new TerminalSize(133, 47));
            person.types("until [ $(tput cols) = 133 ]; do sleep 0.05; done; echo now $(tput cols) by $(tput lines)\r");
            person.sees("now 133 by 47\r\n");
        }
    }

    @Test
    void tmuxIsSplitLeftAndComeBackTo() throws IOException {
        var box = debian();
        try (var person = new Person(box, "tmux", "-u", "new", "-s", "work", "bash --norc -i")) {
            // The shell through which tmux starts a command forgets the prompt of the environment.
            person.sees("bash-");
            person.types("echo left $((40 + 2))\r");
            person.sees("left 42");
            person.types("\u0002%");
            person.types("stty size; echo right side\r");
            person.sees("right side");
            person.types("\u0002d");
            person.sees("[detached (from session work)]");
            assertThat(person.session.awaitExit().success()).isTrue();
        }
        var panes = SERVER.client().run(box, "tmux", "list-panes", "-t", "work", "-F", "#{pane_width}");
        assertThat(panes.stdoutUtf8()).isEqualTo("40\n39\n");
        try (var person = new Person(box, "tmux", "-u", "attach", "-t", "work")) {
            person.sees("left 42");
            person.session.resize(new TerminalSize(161, 50));
            person.types("until [ $(tput cols) -gt 70 ]; do sleep 0.05; done; echo wide enough: $((10 * 10))\r");
            person.sees("wide enough: 100");
            person.types("\u0002&");
            person.sees("(y/n)");
            person.types("y");
            person.sees("[exited]");
            assertThat(person.session.awaitExit().success()).isTrue();
        }
    }

    @Test
    void largeScreenfulsComeWhole() throws IOException {
        try (var person = Person.atBash(debian())) {
            person.types("stty -onlcr; seq 1 100000 | sha256sum; seq 1 100000; echo end of list\r");
            person.sees("end of list\r\n");
            for (var line : new String[] {"1\n2\n3\n", "50000\n50001\n", "99999\n100000\n"}) {
                person.sees(line);
            }
            person.sees("end of list\n");
        }
    }
}
