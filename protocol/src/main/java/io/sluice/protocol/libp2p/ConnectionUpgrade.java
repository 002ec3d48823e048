package io.sluice.protocol.libp2p;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Makes a bare TCP channel into a secured, multiplexed connection:
 *
 * <pre>
 *   multistream → TLS ─ ALPN names yamux ───────────────→ yamux
 *               → Noise ─ both payloads name yamux ─────→ yamux
 *               → either, without → multistream ────────→ yamux
 * </pre>
 *
 * Each step puts the next behind itself and leaves, handing on the bytes it did not need. All on
 * the channel's event loop; the future completes there.
 */
@SuppressWarnings(
    "FutureReturnValueIgnored") // what fails on a channel closes it, and that is heard of
final class ConnectionUpgrade {
  private static final List<String> MUXERS = List.of(Yamux.PROTOCOL);

  /** Whole TLS records in a frame: nothing has to be joined before it is encrypted. */
  private static final int TLS_BODY = 64 * 1024 - Yamux.HEADER;

  private static final int NOISE_BODY = NoiseEncoder.MAX_PLAIN - Yamux.HEADER;

  /**
   * What all connections of a host have in common.
   *
   * @param identity what this end proves
   * @param security what it offers and accepts, best first
   * @param tls null where there is none on this platform
   * @param noiseSecret the X25519 private key that Noise uses while the host runs
   * @param random for ephemeral keys
   * @param clock for the validity of certificates
   * @param timeout for all steps together
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Means(
      Identity identity,
      List<Security> security,
      @Nullable TlsContexts tls,
      byte[] noiseSecret,
      SecureRandom random,
      Clock clock,
      Duration timeout) {}

  /** Makes the connection once the peer is known, or refuses it. */
  interface ConnectionFactory {
    /**
     * Runs on the event loop.
     *
     * @param maxBody bytes of data that go best into one frame
     * @throws LimitExceededException if there are too many connections already
     * @throws PeerDeniedException if this peer is not to be let in
     */
    PeerConnection create(PublicKey key, PeerId peer, Security security, int maxBody)
        throws Libp2pException;
  }

  private final Means means;
  private final Channel channel;
  private final boolean initiator;
  private final @Nullable PeerId expected;
  private final Runnable underWay;
  private final ConnectionFactory connections;
  private final CompletableFuture<PeerConnection> done = new CompletableFuture<>();
  private final Guard guard = new Guard();
  private @Nullable ScheduledFuture<?> deadline;

  /**
   * Prepares one.
   *
   * @param initiator whether this end dialled
   * @param expected who was dialled; null if whoever it is will do
   * @param underWay told, on the event loop, when both ends know how they will be secured
   */
  ConnectionUpgrade(
      Means means,
      Channel channel,
      boolean initiator,
      @Nullable PeerId expected,
      Runnable underWay,
      ConnectionFactory connections) {
    this.means = means;
    this.channel = channel;
    this.initiator = initiator;
    this.expected = expected;
    this.underWay = underWay;
    this.connections = connections;
  }

  /** Begins, on the event loop, on an active channel with an empty pipeline. */
  CompletableFuture<PeerConnection> start() {
    deadline =
        channel.eventLoop().schedule(this::late, means.timeout().toNanos(), TimeUnit.NANOSECONDS);
    List<String> offered = new ArrayList<>();
    for (Security each : means.security()) {
      if (each != Security.TLS || means.tls() != null) {
        offered.add(each.protocol());
      }
    }
    channel.pipeline().addLast(guard);
    channel.pipeline().addFirst(new MultistreamHandler(initiator, offered, this::secure));
    return done;
  }

  private void late() {
    fail(new TimedOutException("peer did not finish the handshake in " + means.timeout()));
  }

  private void secure(ChannelHandlerContext ctx, String protocol) {
    underWay.run();
    TlsContexts tls = means.tls();
    if (protocol.equals(Security.TLS.protocol()) && tls != null) {
      SslHandler handler = tls.newHandler(initiator, channel.alloc());
      handler.setHandshakeTimeoutMillis(0); // the whole upgrade has its time
      insertAfter(ctx, new TlsFinish(handler));
      insertAfter(ctx, handler);
    } else {
      byte[] ephemeral = new byte[NoiseHandshake.KEY];
      means.random().nextBytes(ephemeral);
      byte[] own = NoiseHandshake.publicOf(means.noiseSecret());
      insertAfter(
          ctx,
          new NoiseHandler(
              new NoiseHandshake(initiator, means.noiseSecret(), ephemeral),
              NoisePayload.of(means.identity(), own, MUXERS),
              (behind, peer) ->
                  secured(
                      behind, Security.NOISE, peer.key(), peer.muxers().contains(Yamux.PROTOCOL))));
    }
  }

  private void secured(
      ChannelHandlerContext ctx, Security security, PublicKey key, boolean muxerAgreed) {
    if (done.isDone()) {
      return; // failed before; these bytes were under way
    }
    PeerId peer = key.peerId();
    if (expected != null && !expected.equals(peer)) {
      fail(new PeerMismatchException(expected, peer));
      return;
    }
    if (muxerAgreed) {
      multiplex(ctx, security, key, peer);
    } else {
      insertAfter(
          ctx,
          new MultistreamHandler(
              initiator, MUXERS, (at, protocol) -> multiplex(at, security, key, peer)));
    }
  }

  private void multiplex(ChannelHandlerContext ctx, Security security, PublicKey key, PeerId peer) {
    if (done.isDone()) {
      return;
    }
    PeerConnection connection;
    try {
      connection =
          connections.create(key, peer, security, security == Security.TLS ? TLS_BODY : NOISE_BODY);
    } catch (Libp2pException refused) {
      fail(refused);
      return;
    }
    if (deadline != null) {
      deadline.cancel(false);
    }
    channel.pipeline().remove(guard);
    insertAfter(ctx, connection.session());
    done.complete(connection);
  }

  private void insertAfter(ChannelHandlerContext ctx, ChannelHandler handler) {
    channel.pipeline().addAfter(ctx.name(), null, handler);
  }

  private void fail(IOException why) {
    if (deadline != null) {
      deadline.cancel(false);
    }
    done.completeExceptionally(why);
    channel.close();
  }

  /** Looks who the other end is once TLS is through. */
  private final class TlsFinish extends ChannelInboundHandlerAdapter {
    private final SslHandler tls;

    TlsFinish(SslHandler tls) {
      this.tls = tls;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
      if (event instanceof SslHandshakeCompletionEvent completion) {
        if (completion.isSuccess()) {
          boolean muxerAgreed = Yamux.PROTOCOL.equals(tls.applicationProtocol());
          secured(ctx, Security.TLS, key(), muxerAgreed);
          ctx.pipeline().remove(this);
        } else {
          ctx.fireExceptionCaught(completion.cause());
        }
      }
    }

    private PublicKey key() throws SSLPeerUnverifiedException, CertificateEncodingException {
      // Nothing but its bytes can be had from a certificate that names no issuer.
      byte[] der = tls.engine().getSession().getPeerCertificates()[0].getEncoded();
      return PeerCertificate.verify(der, means.clock().instant());
    }
  }

  /**
   * Last in the pipeline while the upgrade runs: whatever fails, and whatever nobody took, ends
   * here.
   */
  private final class Guard extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      fail(HandshakeException.cutOff("peer closed the connection during the handshake", null));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable error) {
      Throwable root =
          error instanceof DecoderException && error.getCause() != null ? error.getCause() : error;
      boolean told = root instanceof ProtocolException || root instanceof IOException;
      String what = told && root.getMessage() != null ? root.getMessage() : root.toString();
      fail(
          root instanceof IOException
              ? HandshakeException.cutOff("connection broke during the handshake: " + what, root)
              : new HandshakeException("handshake failed: " + what, root));
    }
  }
}
