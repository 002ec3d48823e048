package io.sluice.protocol.libp2p;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayInputStream;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * TLS 1.3 the libp2p way: both ends show one self-signed certificate, names and authorities mean
 * nothing, and the multiplexer is agreed on by ALPN. By BoringSSL, since the JDK's engine refuses
 * the certificates of js and rust peers.
 *
 * <p>Spec: libp2p TLS, "Handshake Protocol".
 */
final class TlsContexts implements AutoCloseable {
  /** What ALPN says when the multiplexer is to be agreed on later. */
  private static final String NO_MUXER = "libp2p";

  /**
   * A store that Netty keeps the key in for a moment; the usual type would encrypt it at length.
   */
  private static final String IN_MEMORY = "JKS";

  private final SslContext server;
  private final SslContext client;

  private TlsContexts(SslContext server, SslContext client) {
    this.server = server;
    this.client = client;
  }

  /** Whether there is native code for this platform. */
  static boolean available() {
    return OpenSsl.isAvailable();
  }

  static TlsContexts create(Identity identity, Instant now) {
    try {
      HostCertificate own = HostCertificate.generate(identity, now);
      X509Certificate certificate =
          (X509Certificate)
              CertificateFactory.getInstance("X.509")
                  .generateCertificate(new ByteArrayInputStream(own.der()));
      SslContext server =
          common(SslContextBuilder.forServer(own.key(), certificate))
              .clientAuth(ClientAuth.REQUIRE)
              .build();
      SslContext client =
          common(SslContextBuilder.forClient().keyManager(own.key(), certificate)).build();
      return new TlsContexts(server, client);
    } catch (GeneralSecurityException | SSLException failed) {
      throw new IllegalStateException("TLS cannot be set up", failed);
    }
  }

  private static SslContextBuilder common(SslContextBuilder builder) {
    return builder
        .sslProvider(SslProvider.OPENSSL_REFCNT)
        .keyStoreType(IN_MEMORY)
        .protocols("TLSv1.3")
        .trustManager(new OneCertificate())
        .endpointIdentificationAlgorithm(null)
        .applicationProtocolConfig(
            new ApplicationProtocolConfig(
                Protocol.ALPN,
                SelectorFailureBehavior.NO_ADVERTISE,
                SelectedListenerFailureBehavior.ACCEPT,
                Yamux.PROTOCOL,
                NO_MUXER));
  }

  SslHandler newHandler(boolean initiator, ByteBufAllocator allocator) {
    return (initiator ? client : server).newHandler(allocator);
  }

  @Override
  public void close() {
    ReferenceCountUtil.release(server);
    ReferenceCountUtil.release(client);
  }

  /**
   * Lets any single certificate through the handshake: who it proves is judged right after, with
   * the peer that was dialled at hand.
   */
  private static final class OneCertificate extends X509ExtendedTrustManager {
    private static void check(X509Certificate[] chain) throws CertificateException {
      if (chain.length != 1) {
        throw new CertificateException(chain.length + " certificates instead of one");
      }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
