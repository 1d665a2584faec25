package dev.hawse.server;

import dev.hawse.server.api.Caller;
import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalNettyServerCredentials;
import io.grpc.netty.InternalProtocolNegotiationEvent;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.grpc.netty.ProtocolNegotiationEvent;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.util.AsciiString;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the kernel who is on the other end of each connection, and tells every call; turns away connections beyond a number.
 *
 * <p>grpc-netty lets nobody but a protocol negotiator see a connection's channel, and Netty's channel classes for unix
 * sockets are final; so this uses grpc's classes for negotiators, which are public but not promised to stay.
 */
final class PeerNegotiator implements InternalProtocolNegotiator.ProtocolNegotiator {

    private static final Logger log = LoggerFactory.getLogger(PeerNegotiator.class);
    private static final Attributes.Key<Caller> CALLER = Attributes.Key.create("dev.hawse.caller");

    private final AtomicInteger connections = new AtomicInteger();
    private final int most;

    private PeerNegotiator(int most) {
        this.most = most;
    }

    /** For a server on a unix socket, without encryption. */
    static ServerCredentials credentials(int mostConnections) {
        return InternalNettyServerCredentials.create(new PeerNegotiator(mostConnections));
    }

    /** Puts the caller where {@link Caller#KEY} finds it. */
    static ServerInterceptor interceptor() {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                var caller = call.getAttributes().get(CALLER);
                return Contexts.interceptCall(Context.current().withValue(Caller.KEY, caller), call, headers, next);
            }
        };
    }

    @Override
    public AsciiString scheme() {
        return AsciiString.of("http");
    }

    @Override
    public ChannelHandler newHandler(GrpcHttp2ConnectionHandler grpc) {
        var next = InternalProtocolNegotiators.grpcNegotiationHandler(grpc);
        return InternalProtocolNegotiators.waitUntilActiveHandler(new Peer(next), grpc.getNegotiationLogger());
    }

    @Override
    public void close() {}

    private final class Peer extends ChannelInboundHandlerAdapter {

        private final ChannelHandler next;

        Peer(ChannelHandler next) {
            this.next = next;
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
            if (!(event instanceof ProtocolNegotiationEvent negotiation)) {
                super.userEventTriggered(ctx, event);
                return;
            }
            var channel = (EpollDomainSocketChannel) ctx.channel();
            channel.closeFuture().addListener(_ -> connections.decrementAndGet());
            if (connections.incrementAndGet() > most) {
                log.warn("a connection was turned away: server.max-connections is {}", most);
                channel.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
                return;
            }
            var peer = channel.peerCredentials();
            var caller = new Caller(
                    Integer.toUnsignedLong(peer.uid()),
                    peer.gids().length == 0 ? 0 : Integer.toUnsignedLong(peer.gids()[0]),
                    peer.pid());
            var attributes = InternalProtocolNegotiationEvent.getAttributes(negotiation).toBuilder()
                    .set(CALLER, caller)
                    .build();
            ctx.pipeline().replace(ctx.name(), null, next);
            ctx.pipeline()
                    .fireUserEventTriggered(InternalProtocolNegotiationEvent.withAttributes(negotiation, attributes));
        }
    }
}
