package dev.hawse.testing;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;

/** How a layer, or a whole archive, is stored. */
public enum Compression {
    PLAIN("application/vnd.oci.image.layer.v1.tar"),
    GZIP("application/vnd.oci.image.layer.v1.tar+gzip"),
    ZSTD("application/vnd.oci.image.layer.v1.tar+zstd");

    private final String layerType;

    Compression(String layerType) {
        this.layerType = layerType;
    }

    public String layerType() {
        return layerType;
    }

    public byte[] of(byte[] plain) {
        return switch (this) {
            case PLAIN -> plain;
            case GZIP -> gzip(plain);
            case ZSTD -> Zstd.compress(plain);
        };
    }

    private static byte[] gzip(byte[] plain) {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
