package dev.hawse.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Empty;
import dev.hawse.containerd.client.ContainerdClient;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
final class ContainerdFixtureIT {

    @RegisterExtension
    static final ContainerdFixture containerd = new ContainerdFixture();

    @Test
    void containerdAnswers() {
        assertThat(containerd
                        .client()
                        .version(ContainerdClient.QUICK)
                        .version(Empty.getDefaultInstance())
                        .getVersion())
                .isNotBlank();
    }

    @Test
    void censusSeesALease() {
        try (var lease = containerd.client().lease(Duration.ofMinutes(1))) {
            assertThat(lease.client().namespace()).isEqualTo(containerd.namespace());
            assertThat(containerd.contents()).singleElement().asString().startsWith("lease ");
        }
        assertThat(containerd.contents()).isEmpty();
    }
}
