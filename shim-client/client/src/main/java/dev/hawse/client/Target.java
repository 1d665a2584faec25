package dev.hawse.client;

import dev.hawse.client.HawseException.Code;
import java.util.Set;

/** Where a server listens, as it is written. */
sealed interface Target {

    String DEFAULT = "unix:/run/hawse/hawse.sock";

    record Unix(String path) implements Target {
        @Override
        public String toString() {
            return "unix:" + path;
        }
    }

    record Tcp(String host, int port) implements Target {
        @Override
        public String toString() {
            return "tcp:" + host + ":" + port;
        }
    }

    static Target parse(String address) {
        if (address.startsWith("unix:")) {
            String path = address.substring("unix:".length());
            path = path.startsWith("//") ? path.substring(2) : path;
            if (!path.startsWith("/")) {
                throw bad(address);
            }
            return new Unix(path);
        }
        String tcp = address.startsWith("tcp:") ? address.substring("tcp:".length()) : address;
        tcp = tcp.startsWith("//") ? tcp.substring(2) : tcp;
        int colon = tcp.lastIndexOf(':');
        if (colon < 1) {
            throw bad(address);
        }
        String host = tcp.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (!loopback(host)) {
            throw new HawseException(
                    Code.INVALID_ARGUMENT,
                    "address: a connection without encryption may only go to this host (got " + address
                            + "), allowed are localhost, 127.0.0.0/8 and [::1]",
                    null);
        }
        return new Tcp(host, port(tcp.substring(colon + 1), address));
    }

    private static boolean loopback(String host) {
        return Set.of("localhost", "::1", "0:0:0:0:0:0:0:1").contains(host)
                || host.matches("127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}");
    }

    private static int port(String text, String address) {
        try {
            int port = Integer.parseInt(text);
            if (port > 0 && port < 65536) {
                return port;
            }
        } catch (NumberFormatException e) {
            throw bad(address);
        }
        throw bad(address);
    }

    private static HawseException bad(String address) {
        return new HawseException(
                Code.INVALID_ARGUMENT,
                "address: not understood (got " + address
                        + "), allowed are unix:/absolute/path, tcp:host:port and host:port",
                null);
    }
}
