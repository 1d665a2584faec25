package dev.hawse.containerd.image;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** The documents that were read last, by digest, which never changes what it stands for. Safe for any number of threads. */
final class DocumentCache {

    private static final int MOST = 512;

    private final Map<String, Document> documents = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Document> eldest) {
            return size() > MOST;
        }
    };

    Document get(String digest, Supplier<Document> reader) {
        synchronized (documents) {
            var known = documents.get(digest);
            if (known != null) {
                return known;
            }
        }
        var read = reader.get();
        synchronized (documents) {
            documents.put(digest, read);
        }
        return read;
    }
}
