package io.sluice.node.client;

import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.PeerLoss;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.libp2p.StreamHandler;
import io.sluice.protocol.libp2p.UnreachableException;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** A host as one process has it: what still runs of a process that died reaches nobody. */
final class MortalHost implements Host {
  private final Host host;
  private volatile boolean dead;

  MortalHost(Host host) {
    this.host = host;
  }

  void die() {
    dead = true;
  }

  private Host alive() throws IOException {
    if (dead) {
      throw new UnreachableException("dead");
    }
    return host;
  }

  @Override
  public PeerId id() {
    return host.id();
  }

  @Override
  public List<Multiaddr> addresses() {
    return host.addresses();
  }

  @Override
  public void handle(String protocol, StreamHandler handler) {
    host.handle(
        protocol,
        stream -> {
          alive();
          handler.handle(stream);
        });
  }

  @Override
  public void connect(PeerId peer, List<Multiaddr> addresses) throws IOException {
    alive().connect(peer, addresses);
  }

  @Override
  public Stream open(PeerId peer, List<Multiaddr> addresses, List<String> protocols)
      throws IOException {
    return alive().open(peer, addresses, protocols);
  }

  @Override
  public Duration ping(PeerId peer, List<Multiaddr> addresses) throws IOException {
    return alive().ping(peer, addresses);
  }

  @Override
  public List<Multiaddr> knownAddresses(PeerId peer) {
    return host.knownAddresses(peer);
  }

  @Override
  public boolean isConnected(PeerId peer) {
    return host.isConnected(peer);
  }

  @Override
  public int connectionCount() {
    return host.connectionCount();
  }

  @Override
  public long losses() {
    return host.losses();
  }

  @Override
  public void onDisconnect(Consumer<PeerLoss> listener) {
    host.onDisconnect(
        loss -> {
          if (!dead) {
            listener.accept(loss);
          }
        });
  }

  @Override
  public Set<String> protocolsOf(PeerId peer) {
    return host.protocolsOf(peer);
  }

  @Override
  public void close() {
    die();
  }
}
