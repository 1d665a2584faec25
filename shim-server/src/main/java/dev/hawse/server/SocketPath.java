package dev.hawse.server;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The place of the server's socket in the file system. The socket is bound in a folder that only the server's user may
 * enter, gets its permissions there, and is then moved to its place: nobody can reach it before it is as it should be. What
 * is at that place already is replaced only when it is a dead socket of the same user.
 */
final class SocketPath implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(SocketPath.class);
    private static final int TYPE = 0170000;
    private static final int SOCKET = 0140000;
    private static final int SYMLINK = 0120000;
    private static final int CONNECT_SECONDS = 5;

    private final Path path;
    private final Path hidden;
    private final EventLoopGroup loops;
    private @Nullable Object published;

    private SocketPath(Path path, Path hidden, EventLoopGroup loops) {
        this.path = path;
        this.hidden = hidden;
        this.loops = loops;
    }

    /** @throws StartFailure when the place cannot be taken, as when a server listens there */
    static SocketPath claim(Path path, EventLoopGroup loops) {
        requireFree(path, loops);
        var parent = Objects.requireNonNull(path.getParent(), "the path of a socket is absolute");
        var hidden = parent.resolve(
                ".h" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt(), 6));
        try {
            Files.createDirectory(
                    hidden, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new StartFailure("listen.address: cannot write to " + parent + ": " + Directories.describe(e), e);
        }
        return new SocketPath(path, hidden, loops);
    }

    /** Where to bind. */
    DomainSocketAddress bindAddress() {
        return new DomainSocketAddress(hidden.resolve("s").toFile());
    }

    /** Gives the bound socket its permissions and its place. */
    void publish(String group) {
        var socket = hidden.resolve("s");
        try {
            if (!group.isEmpty()) {
                var view = Objects.requireNonNull(Files.getFileAttributeView(socket, PosixFileAttributeView.class));
                view.setGroup(
                        socket.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group));
            }
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
            requireFree(path, loops);
            published = Files.getAttribute(socket, "unix:ino");
            Files.move(socket, path, StandardCopyOption.ATOMIC_MOVE);
            Files.delete(hidden);
        } catch (java.nio.file.attribute.UserPrincipalNotFoundException e) {
            throw new StartFailure("listen.group: there is no group " + group, e);
        } catch (IOException e) {
            throw new StartFailure("listen.address: cannot make " + path + ": " + Directories.describe(e), e);
        }
    }

    private static void requireFree(Path path, EventLoopGroup loops) {
        int mode;
        int owner;
        try {
            mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
            owner = (Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw new StartFailure("listen.address: cannot look at " + path + ": " + Directories.describe(e), e);
        }
        if ((mode & TYPE) == SYMLINK) {
            throw new StartFailure(
                    "listen.address: " + path + " is a symbolic link; remove it, or choose another path");
        }
        if ((mode & TYPE) != SOCKET) {
            throw new StartFailure("listen.address: " + path + " is there and is no socket; choose another path");
        }
        if (owner != Directories.userId()) {
            throw new StartFailure(
                    "listen.address: " + path + " belongs to user " + owner + "; remove it, or choose another path");
        }
        requireDead(path, loops);
    }

    private static void requireDead(Path path, EventLoopGroup loops) {
        var connecting = new Bootstrap()
                .group(loops)
                .channel(EpollDomainSocketChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .connect(new DomainSocketAddress(path.toFile()));
        if (!connecting.awaitUninterruptibly(CONNECT_SECONDS, TimeUnit.SECONDS)) {
            connecting.cancel(true);
            throw new StartFailure("listen.address: a server that does not answer listens at " + path);
        }
        switch (connecting.cause()) {
            case null -> throw alreadyRunning(path, (EpollDomainSocketChannel) connecting.channel());
            case ConnectException e
            when String.valueOf(e.getMessage()).contains("refused") ->
                log.info("{} is left from a server that is gone, and replaced", path);
            case FileNotFoundException gone -> {}
            case Throwable other ->
                throw new StartFailure(
                        "listen.address: cannot tell whether a server listens at " + path + ": " + other.getMessage(),
                        other);
        }
    }

    private static StartFailure alreadyRunning(Path path, EpollDomainSocketChannel channel) {
        try {
            var pid = channel.peerCredentials().pid();
            return new StartFailure("already running, pid " + pid + ", at " + path);
        } catch (IOException e) {
            return new StartFailure("already running, at " + path, e);
        } finally {
            channel.close().awaitUninterruptibly();
        }
    }

    /** Takes the socket away, if it is still this server's. */
    @Override
    public void close() {
        try {
            if (published != null
                    && published.equals(Files.getAttribute(path, "unix:ino", LinkOption.NOFOLLOW_LINKS))) {
                Files.delete(path);
            }
            published = null;
            Files.deleteIfExists(hidden.resolve("s"));
            Files.deleteIfExists(hidden);
        } catch (NoSuchFileException e) {
            log.warn("{} was removed while the server listened there", path);
        } catch (IOException e) {
            log.warn("{} could not be removed: {}", path, Directories.describe(e));
        }
    }
}
