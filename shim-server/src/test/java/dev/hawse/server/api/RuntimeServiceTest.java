package dev.hawse.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hawse.api.runtime.v1.GetInfoRequest;
import dev.hawse.api.runtime.v1.GetVersionRequest;
import dev.hawse.api.runtime.v1.ListRuntimesRequest;
import dev.hawse.api.runtime.v1.RuntimeServiceGrpc;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import dev.hawse.runtime.RuntimeKind;
import dev.hawse.testing.FakeRuntime;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RuntimeServiceTest {

    private final FakeRuntime containerd = new FakeRuntime();
    private final FakeRuntime docker = new FakeRuntime(RuntimeKind.DOCKER);
    private ApiFixture api;

    @BeforeEach
    void open() throws IOException {
        api = new ApiFixture(containerd, docker);
    }

    @AfterEach
    void close() {
        api.close();
    }

    private RuntimeServiceGrpc.RuntimeServiceBlockingStub runtimes() {
        return RuntimeServiceGrpc.newBlockingStub(api.channel).withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    @Test
    void anEngineThatDoesNotAnswerIsListedWithTheReason() {
        docker.failWith(RuntimeFailure.of(Reason.RUNTIME_UNAVAILABLE, "docker is off"));

        var list = runtimes()
                .listRuntimes(ListRuntimesRequest.getDefaultInstance())
                .getRuntimesList();

        assertThat(list).hasSize(2);
        assertThat(list.getFirst().getActive()).isTrue();
        assertThat(list.getFirst().getAvailable()).isTrue();
        assertThat(list.getLast().getActive()).isFalse();
        assertThat(list.getLast().getUnavailableReason()).isEqualTo("docker is off");
    }

    @Test
    void infoCountsWhatAnswers() {
        api.run("box-1");
        api.create("box-2");
        docker.failWith(RuntimeFailure.of(Reason.RUNTIME_UNAVAILABLE, "docker is off"));

        var info = runtimes().getInfo(GetInfoRequest.getDefaultInstance());

        assertThat(info.getContainers()).isEqualTo(2);
        assertThat(info.getContainersRunning()).isEqualTo(1);
        assertThat(info.getImages()).isEqualTo(1);
        assertThat(info.getHostname()).isNotEmpty();
        assertThat(info.getOperatingSystem()).isNotEmpty();
        assertThat(info.getKernelVersion()).isNotEmpty();
        assertThat(info.getArchitecture()).isIn("amd64", "arm64");
        assertThat(info.getMemoryBytes()).isPositive();
        assertThat(info.getProcessors()).isPositive();
        assertThat(info.getCgroupVersion()).isBetween(1, 2);
        assertThat(info.getWarningsList()).containsExactly("something to know");
    }

    @Test
    void theVersionIsTheBuilds() {
        var version = runtimes().getVersion(GetVersionRequest.getDefaultInstance());

        assertThat(version.getVersion()).isEqualTo("1.2.3");
        assertThat(version.getCommit()).isEqualTo("abc");
        assertThat(version.getApiVersion()).isEqualTo("v1");
        assertThat(version.getJavaVersion()).isNotEmpty();
        assertThat(version.getPlatform()).startsWith("linux/");
        assertThat(BuildInfo.current().version()).matches("\\d+\\.\\d+\\.\\d+.*");
    }

    @Test
    void aContainerIsFoundOnWhicheverEngineHasIt() {
        var id = api.create("box");

        assertThat(new Runtimes(java.util.List.of(docker, containerd)).find(id).runtime())
                .isSameAs(containerd);
    }
}
