package dev.hawse.containerd.image;

import com.google.protobuf.FieldMask;
import dev.hawse.containerd.api.services.content.v1.Info;
import dev.hawse.containerd.api.services.content.v1.InfoRequest;
import dev.hawse.containerd.api.services.content.v1.ReadContentRequest;
import dev.hawse.containerd.api.services.content.v1.UpdateRequest;
import dev.hawse.containerd.client.ContainerdClient;
import dev.hawse.runtime.Reason;
import dev.hawse.runtime.RuntimeFailure;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.OptionalLong;

/** containerd's content, read. Errors of containerd come as {@link StatusRuntimeException}. */
final class Content implements BlobSource {

    /** Read in one call, and held in memory while its reader takes it: a slow reader keeps no call open. */
    private static final int RANGE = 4 << 20;

    private final ContainerdClient client;

    Content(ContainerdClient client) {
        this.client = client;
    }

    /** Empty when it is not there. */
    OptionalLong size(String digest) {
        try {
            var answer = client.content()
                    .info(InfoRequest.newBuilder().setDigest(digest).build());
            return OptionalLong.of(answer.getInfo().getSize());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                return OptionalLong.empty();
            }
            throw e;
        }
    }

    @Override
    public boolean has(String digest) {
        return size(digest).isPresent();
    }

    @Override
    public byte[] read(String digest) {
        var size = size(digest)
                .orElseThrow(() -> RuntimeFailure.of(
                        Reason.IMAGE_NOT_FOUND,
                        "content " + digest + " is not here; load the image again",
                        Map.of("image", digest)));
        if (size > Documents.LARGEST) {
            throw Documents.invalid(
                    "the document " + digest + " has " + size + " bytes; at most " + Documents.LARGEST + " are read");
        }
        var bytes = new ByteArrayOutputStream((int) size);
        try {
            copy(digest, size, bytes);
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot fail to be written", e);
        }
        return bytes.toByteArray();
    }

    void copy(String digest, long size, OutputStream to) throws IOException {
        for (var offset = 0L; offset < size; offset += RANGE) {
            var parts = client.content()
                    .read(ReadContentRequest.newBuilder()
                            .setDigest(digest)
                            .setOffset(offset)
                            .setSize(Math.min(RANGE, size - offset))
                            .build());
            var range = new ByteArrayOutputStream((int) Math.min(RANGE, size - offset));
            while (parts.hasNext()) {
                parts.next().getData().writeTo(range);
            }
            range.writeTo(to);
        }
    }

    Map<String, String> labels(String digest) {
        return client.content()
                .info(InfoRequest.newBuilder().setDigest(digest).build())
                .getInfo()
                .getLabelsMap();
    }

    /** Sets these labels and leaves others as they are. */
    void label(String digest, Map<String, String> labels) {
        var mask = FieldMask.newBuilder();
        labels.keySet().forEach(key -> mask.addPaths("labels." + key));
        client.content()
                .update(UpdateRequest.newBuilder()
                        .setInfo(Info.newBuilder().setDigest(digest).putAllLabels(labels))
                        .setUpdateMask(mask)
                        .build());
    }
}
