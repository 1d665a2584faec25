package dev.hawse.containerd.image;

import static dev.hawse.containerd.image.Archives.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hawse.runtime.Reason;
import dev.hawse.testing.Compression;
import dev.hawse.testing.DockerArchive;
import dev.hawse.testing.TarBuilder;
import dev.hawse.testing.TestImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
final class HostileArchiveTest {

    private static final byte[] GOOD = new DockerArchive()
            .image(TestImages.tiny("x".repeat(100_000)).forPlatform("linux", "amd64"), "x:1")
            .bytes();

    @Test
    void emptyArchiveIsRefused() {
        assertThat(refusal(new byte[0]).getMessage()).isEqualTo("archive: it is empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../up", "a/../../up", "/etc/passwd", "a/.."})
    void namesThatLeadOutAreRefused(String name) {
        var failure = refusal(TarBuilder.tar(t -> t.file(name, "x")));
        assertThat(failure.reason()).isEqualTo(Reason.INVALID_ARCHIVE);
        assertThat(failure.getMessage()).contains("leads out of it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../etc/passwd", "/etc/passwd"})
    void linksThatLeadOutAreRefused(String target) {
        assertThat(refusal(TarBuilder.tar(t -> t.symlink("a/layer.tar", target)))
                        .getMessage())
                .contains("leads out of it");
    }

    @Test
    void filesThatComeTwiceAreRefused() {
        assertThat(refusal(TarBuilder.tar(t -> t.file("manifest.json", "[]").file("./manifest.json", "[]")))
                        .getMessage())
                .contains("\"manifest.json\" twice");
    }

    @Test
    void documentsMustNotBeLinks() {
        assertThat(refusal(TarBuilder.tar(t -> t.file("a", "[]").symlink("manifest.json", "a")))
                        .getMessage())
                .contains("must be a file, not a link");
    }

    @Test
    void documentsAreLimited() {
        var large = new byte[Documents.LARGEST + 1];
        assertThat(refusal(TarBuilder.tar(t -> t.file("manifest.json", large))).getMessage())
                .contains("at most " + Documents.LARGEST);
    }

    @Test
    void numberOfFilesIsLimited() {
        var archive = TarBuilder.tar(t -> t.file("a", "x").file("b", "x").file("c", "x"));
        assertThat(refusal(archive, new LoadLimits(2, 1 << 20)).getMessage()).contains("more than 2 files");
    }

    @ParameterizedTest
    @EnumSource
    void bombsAreStoppedByTheLimit(Compression compression) {
        var archive = compression.of(TarBuilder.tar(t -> t.file("a", new byte[1 << 20])));
        assertThat(refusal(archive, new LoadLimits(10, 1 << 19)).reason()).isEqualTo(Reason.LIMIT_REACHED);
    }

    @Test
    void headersAreLimited() {
        var archive = TarBuilder.tar(t -> t.longName(6 << 20).file("x", "x"));
        assertThat(refusal(archive).getMessage()).contains("a file's header has more than");
    }

    @ParameterizedTest
    @EnumSource
    void truncatedArchivesAreRefused(Compression compression) {
        var archive = compression.of(GOOD);
        for (var part = 1; part < 8; part++) {
            assertThat(refusal(Arrays.copyOf(archive, archive.length * part / 8))
                            .reason())
                    .isEqualTo(Reason.INVALID_ARCHIVE);
        }
    }

    @Test
    void whateverComesIsRefusedInASentence() {
        var random = new Random(7);
        for (var i = 0; i < 300; i++) {
            var bytes = GOOD.clone();
            for (var n = 0; n < 20; n++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                Archives.plan(bytes);
            } catch (dev.hawse.runtime.RuntimeFailure e) {
                assertThat(e.reason()).isIn(Reason.INVALID_ARCHIVE, Reason.DIGEST_MISMATCH, Reason.PLATFORM_MISMATCH);
            } catch (IOException e) {
                throw new AssertionError("a bad archive is no failure to read it", e);
            }
        }
    }

    @Test
    void aSourceThatFailsIsNotTheArchivesFault() {
        var failing = new SequenceInputStream(new ByteArrayInputStream(GOOD, 0, 2000), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the peer is gone");
            }

            @Override
            public int read(byte[] b, int off, int len) throws IOException {
                return read();
            }
        });
        assertThatThrownBy(() -> Archives.plan(failing, "", LoadLimits.DEFAULT))
                .isInstanceOf(IOException.class)
                .hasMessage("the peer is gone");
    }

    @Test
    void anInterruptEndsReading() {
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> Archives.plan(GOOD)).isInstanceOf(InterruptedIOException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
