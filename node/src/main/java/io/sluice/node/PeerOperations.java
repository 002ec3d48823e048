package io.sluice.node;

import io.sluice.node.SharedNetwork.NetworkUse;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.libp2p.ConnectedPeer;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Perf;
import io.sluice.protocol.libp2p.StreamResetException;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What operators do about other nodes: who they are, where, and how well they are reached. */
final class PeerOperations {
  private final SluiceNode node;

  PeerOperations(SluiceNode node) {
    this.node = node;
  }

  /** A peer, and where to look for it beside where it is known to be. */
  private record Target(PeerId peer, List<Multiaddr> addresses) {}

  /** Those of the peers file and those that are connected. */
  List<Reports.PeerReport> all() throws IOException, ServiceException {
    Map<PeerId, Set<Multiaddr>> known = node.peersFile().all();
    Map<PeerId, ConnectedPeer> connected = new LinkedHashMap<>();
    Optional<Host> host = node.joined().map(Network::host);
    host.ifPresent(
        here -> here.connectedPeers().forEach(each -> connected.putIfAbsent(each.peer(), each)));
    List<Reports.PeerReport> peers = new ArrayList<>();
    known.forEach(
        (peer, addresses) ->
            peers.add(report(peer, addresses, true, Optional.ofNullable(connected.get(peer)))));
    for (Map.Entry<PeerId, ConnectedPeer> each : connected.entrySet()) {
      PeerId peer = each.getKey();
      if (!known.containsKey(peer)) {
        List<Multiaddr> addresses = host.orElseThrow().knownAddresses(peer);
        peers.add(report(peer, addresses, false, Optional.of(each.getValue())));
      }
    }
    return peers;
  }

  private static Reports.PeerReport report(
      PeerId peer,
      Collection<Multiaddr> addresses,
      boolean known,
      Optional<ConnectedPeer> connection) {
    return new Reports.PeerReport(
        peer.toString(),
        known,
        connection.isPresent(),
        addresses.stream().map(Multiaddr::toString).toList(),
        connection.map(each -> each.address().toString()),
        connection.map(each -> each.outbound() ? "out" : "in"),
        connection.map(each -> each.security().name().toLowerCase(Locale.ROOT)),
        connection.flatMap(ConnectedPeer::roundTrip).map(time -> time.toNanos() / 1000),
        connection.flatMap(ConnectedPeer::agent));
  }

  /** Puts an address into the peers file; it is used at once. */
  Reports.PeerReport add(String text) throws IOException, ServiceException {
    Multiaddr address = complete(text);
    if (address.components().size() != 3 || !address.components().get(1).protocol().equals("tcp")) {
      throw new ServiceException(
          ErrorCode.BAD_ADDRESS, "'%s' cannot be dialled: only plain TCP is".formatted(text));
    }
    PeerId peer = address.peerId().orElseThrow();
    node.peersFile().add(address);
    node.joined().ifPresent(network -> network.remember(peer, address.withoutPeer()));
    return report(
        peer, node.peersFile().all().getOrDefault(peer, Set.of()), true, Optional.empty());
  }

  /** Takes a peer, or one of its addresses, out of the peers file. */
  void remove(String text) throws IOException, ServiceException {
    boolean alone = isPeerAlone(text);
    PeerId peer = alone ? peer(text) : complete(text).peerId().orElseThrow();
    if (!node.peersFile().remove(peer, alone ? Optional.empty() : Optional.of(complete(text)))) {
      throw new ServiceException(
          ErrorCode.NO_SUCH_PEER, "%s is not in %s".formatted(text, node.peersFile()));
    }
    node.joined().ifPresent(network -> network.forget(peer));
    for (Multiaddr left : node.peersFile().all().getOrDefault(peer, Set.of())) {
      node.joined().ifPresent(network -> network.remember(peer, left));
    }
  }

  Reports.PingReport ping(String text) throws Exception {
    Target target = target(text);
    try (NetworkUse use = node.network(Network.Mode.DIAL)) {
      Host host = use.network().host();
      Duration time = host.ping(target.peer(), target.addresses());
      return new Reports.PingReport(
          target.peer().toString(),
          time.toMillis(),
          host.protocolsOf(target.peer()).stream().sorted().toList());
    }
  }

  Reports.PerfReport measure(String text, long upload, long download) throws Exception {
    if (upload < 0 || download < 0) {
      throw new ServiceException(
          ErrorCode.BAD_SIZE, "%d bytes there and %d back".formatted(upload, download));
    }
    Target target = target(text);
    try (NetworkUse use = node.network(Network.Mode.DIAL)) {
      Perf.PerfResult result =
          Perf.measure(
              use.network().host(),
              target.peer(),
              target.addresses(),
              upload,
              download,
              Ticker.SYSTEM);
      return new Reports.PerfReport(
          target.peer().toString(),
          result.uploadBytes(),
          result.upload().toMillis(),
          result.downloadBytes(),
          result.download().toMillis());
    } catch (StreamResetException e) {
      throw new ServiceException(
          DealCode.REFUSED,
          "%s does not measure with this node, or not so much (%s)"
              .formatted(target.peer(), e.getMessage()),
          e);
    }
  }

  /**
   * Reads who is meant: an address with a peer id, or a peer id alone, of a peer whose address is
   * known.
   *
   * @return an address with a peer id
   * @throws ServiceException {@code NO_SUCH_PEER}, {@code BAD_ADDRESS}
   */
  Multiaddr address(String text) throws IOException, ServiceException {
    Target target = target(text);
    return target.addresses().stream()
        .findFirst()
        .orElseThrow(() -> unknown(target.peer()))
        .withPeer(target.peer());
  }

  private Target target(String text) throws IOException, ServiceException {
    if (!isPeerAlone(text)) {
      Multiaddr address = complete(text);
      return new Target(address.peerId().orElseThrow(), List.of(address.withoutPeer()));
    }
    PeerId peer = peer(text);
    List<Multiaddr> known = new ArrayList<>(node.peersFile().all().getOrDefault(peer, Set.of()));
    Optional<Host> host = node.joined().map(Network::host);
    host.ifPresent(here -> known.addAll(here.knownAddresses(peer)));
    if (known.isEmpty() && host.filter(here -> here.isConnected(peer)).isEmpty()) {
      throw unknown(peer);
    }
    return new Target(peer, known);
  }

  private static ServiceException unknown(PeerId peer) {
    return new ServiceException(
        ErrorCode.NO_SUCH_PEER,
        "no address is known of %s; name it with one, or see 'sluice peers add'".formatted(peer));
  }

  private static boolean isPeerAlone(String text) {
    return !text.startsWith("/") || text.startsWith("/p2p/");
  }

  private static PeerId peer(String text) throws ServiceException {
    try {
      return PeerId.parse(text.startsWith("/p2p/") ? text.substring("/p2p/".length()) : text);
    } catch (ProtocolException e) {
      throw new ServiceException(
          ErrorCode.BAD_ADDRESS, "'%s' is neither a multiaddr nor a peer id".formatted(text), e);
    }
  }

  /** Reads an address that names a peer. */
  private static Multiaddr complete(String text) throws ServiceException {
    Multiaddr parsed;
    try {
      parsed = Multiaddr.parse(text);
    } catch (RuntimeException e) {
      throw new ServiceException(
          ErrorCode.BAD_ADDRESS,
          "'%s' is not a valid multiaddr: %s".formatted(text, e.getMessage()),
          e);
    }
    if (parsed.peerId().isEmpty() || parsed.components().size() < 2) {
      throw new ServiceException(
          ErrorCode.BAD_ADDRESS,
          "'%s' has to name address and peer, such as /ip4/192.0.2.1/tcp/4150/p2p/12D3…"
              .formatted(text));
    }
    return parsed;
  }
}
