package io.sluice.protocol.libp2p;

import io.netty.channel.Channel;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A secured, multiplexed connection to one peer. */
final class PeerConnection implements YamuxSession.SessionListener {
  /** What a connection tells its host; on the event loop. */
  interface ConnectionListener {
    /** The peer opened a stream, whose protocol is still open. */
    void onStream(PeerConnection connection, YamuxStream stream);

    /** The connection is gone. */
    void onClosed(PeerConnection connection);
  }

  private final PublicKey key;
  private final PeerId peer;
  private final Security security;
  private final Multiaddr remoteAddress;
  private final InetAddress remoteIp;
  private final boolean outbound;
  private final YamuxSession session;
  private final ConnectionListener listener;
  private volatile @Nullable IdentifyMessage identified;

  PeerConnection(
      Channel channel,
      boolean outbound,
      PublicKey key,
      PeerId peer,
      Security security,
      YamuxSession.SessionLimits settings,
      ConnectionListener listener) {
    InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
    this.key = key;
    this.peer = peer;
    this.security = security;
    this.remoteAddress = TcpAddress.of(remote);
    this.remoteIp = remote.getAddress();
    this.outbound = outbound;
    this.listener = listener;
    this.session = new YamuxSession(channel, outbound, settings, this);
  }

  PublicKey key() {
    return key;
  }

  PeerId peer() {
    return peer;
  }

  Security security() {
    return security;
  }

  Multiaddr remoteAddress() {
    return remoteAddress;
  }

  InetAddress remoteIp() {
    return remoteIp;
  }

  boolean outbound() {
    return outbound;
  }

  YamuxSession session() {
    return session;
  }

  @Nullable IdentifyMessage identified() {
    return identified;
  }

  void identified(IdentifyMessage message) {
    identified = message;
  }

  /** The first of these that the peer is known to speak; null if nothing is known or none is. */
  @Nullable String knownToSpeak(List<String> protocols) {
    IdentifyMessage known = identified;
    if (known != null) {
      for (String each : protocols) {
        if (known.protocols().contains(each)) {
          return each;
        }
      }
    }
    return null;
  }

  YamuxStream openRaw() throws IOException {
    return session.open();
  }

  @Override
  public void onStream(YamuxStream stream) {
    listener.onStream(this, stream);
  }

  @Override
  public void onClosed(YamuxSession closed) {
    listener.onClosed(this);
  }

  @Override
  public String toString() {
    return (outbound ? "to " : "from ") + peer + " at " + remoteAddress + " by " + security;
  }
}
