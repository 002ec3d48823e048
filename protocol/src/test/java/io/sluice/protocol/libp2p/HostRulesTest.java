package io.sluice.protocol.libp2p;

import static io.sluice.protocol.libp2p.HostTest.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.Ticker;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a host's rules about its connections do to real ones, over loopback. */
@Timeout(60)
class HostRulesTest {
  private static final String LOOPBACK = "/ip4/127.0.0.1/tcp/0";
  private static final String HOLD = "/sluice/test/hold/1.0.0";

  private final List<Host> hosts = new ArrayList<>();

  @AfterEach
  void closeHosts() {
    hosts.forEach(Host::close);
  }

  private Libp2pHost start(HostConfig config) throws IOException {
    Libp2pHost host = Libp2pHost.silent(config);
    hosts.add(host);
    host.listen();
    return host;
  }

  private static HostConfig config() {
    return HostConfig.of(Identity.generate());
  }

  /** Denies what it is told to. */
  private record Rules(PeerId dialled, PeerId entering, String range) implements ConnectionGater {
    private static final PeerId NOBODY = Identity.ofSeed(new byte[32]).peerId();

    static Rules dial(PeerId peer) {
      return new Rules(peer, NOBODY, "203.0.113.0/24");
    }

    static Rules enter(PeerId peer) {
      return new Rules(NOBODY, peer, "203.0.113.0/24");
    }

    static Rules touch(String range) {
      return new Rules(NOBODY, NOBODY, range);
    }

    @Override
    public boolean mayDial(PeerId peer) {
      return !peer.equals(dialled);
    }

    @Override
    public boolean mayTouch(InetAddress address) {
      return !AddressRange.parse(range).contains(address);
    }

    @Override
    public boolean mayEnter(PeerId peer) {
      return !peer.equals(entering);
    }
  }

  @Test
  void givenPeerDenied_whenDialled_thenTypedAndNothingIsSent() throws Exception {
    Host server = start(config().listeningOn(LOOPBACK));
    Host client = start(config().withGater(Rules.dial(server.id())));

    assertThrows(PeerDeniedException.class, () -> client.connect(server.id(), server.addresses()));
    assertEquals(0, server.usage().inboundConnections());
  }

  @Test
  void givenRangeDenied_whenDialled_thenTyped() throws Exception {
    Host server = start(config().listeningOn(LOOPBACK));
    Host client = start(config().withGater(Rules.touch("127.0.0.0/8")));

    assertThrows(PeerDeniedException.class, () -> client.connect(server.id(), server.addresses()));
  }

  @Test
  void givenPeerDenied_whenItDials_thenHungUpOnceItIsKnownAndOthersAreServed() throws Exception {
    Host client = start(config());
    Host other = start(config());
    Host server = start(config().listeningOn(LOOPBACK).withGater(Rules.enter(client.id())));

    assertThrows(Libp2pException.class, () -> client.ping(server.id(), server.addresses()));
    assertTrue(other.ping(server.id(), server.addresses()).isPositive());
    assertFalse(server.isConnected(client.id()));
    assertTrue(server.usage().denied() > 0);
  }

  @Test
  void givenRangeDenied_whenDialledFromThere_thenHungUp() throws Exception {
    Host client = start(config());
    Host server = start(config().listeningOn(LOOPBACK).withGater(Rules.touch("127.0.0.1")));

    assertThrows(Libp2pException.class, () -> client.ping(server.id(), server.addresses()));
    assertTrue(server.usage().denied() > 0);
  }

  @Test
  void givenManyConnections_thenTrimmedToTheLowMarkAndBusyPeersStay() throws Exception {
    HostTimeouts quick = quickKeepAlive();
    Host server =
        start(
            config()
                .listeningOn(LOOPBACK)
                .withLimits(HostLimits.DEFAULT.withConnections(8))
                .withTimeouts(quick));
    Host busy = start(config());
    server.spare(busy.id()::equals);
    busy.connect(server.id(), server.addresses());
    for (int i = 0; i < 6; i++) { // with the busy one, that is the high mark
      start(config()).connect(server.id(), server.addresses());
    }
    await(() -> server.connectionCount() == 7);
    await(() -> server.usage().inboundStreams() == 0 && server.usage().outboundStreams() == 0);

    start(config()).connect(server.id(), server.addresses());

    await(() -> server.usage().trimmed() >= 2);
    await(() -> server.connectionCount() <= 6);
    assertTrue(server.isConnected(busy.id()));
  }

  private static HostTimeouts quickKeepAlive() {
    HostTimeouts usual = HostTimeouts.DEFAULT;
    return new HostTimeouts(
        usual.connect(),
        usual.upgrade(),
        usual.dial(),
        usual.negotiation(),
        usual.identify(),
        usual.ping(),
        Duration.ofMillis(1), // so that none of them is young
        usual.streamIdle(),
        usual.linger());
  }

  @Test
  void givenStreamsOpen_thenTheirScopesShowThem() throws Exception {
    Host server = start(config().listeningOn(LOOPBACK));
    server.handle(HOLD, stream -> stream.read(ByteBuffer.allocate(1)));
    Host client = start(config());

    try (Stream stream = client.open(server.id(), server.addresses(), List.of(HOLD))) {
      assertEquals(HOLD, stream.protocol());
      // Where the client knows by now what the server speaks, it asks with its first bytes only.
      stream.write(ByteBuffer.allocate(0));
      await(() -> server.usage().streamsByProtocol().getOrDefault(HOLD, 0) == 1);
      assertTrue(server.usage().inboundStreams() >= 1);
      assertTrue(client.usage().outboundStreams() >= 1);
      assertTrue(server.usage().windowBytes() >= HostLimits.SMALLEST_WINDOW);
      assertEquals(1, server.usage().inboundConnections());
      assertEquals(1, client.usage().outboundConnections());
    }

    await(() -> server.usage().streamsByProtocol().getOrDefault(HOLD, 0) == 0);
    await(() -> server.usage().inboundStreams() == 0);
    await(() -> client.usage().outboundStreams() == 0);
  }

  @Test
  void givenConnected_whenItsAddressesChange_thenTheyArePushedSigned() throws Exception {
    Host server = start(config().listeningOn(LOOPBACK));
    Libp2pHost client = Libp2pHost.silent(config().listeningOn(LOOPBACK));
    hosts.add(client);
    client.connect(server.id(), server.addresses());
    await(() -> client.protocolsOf(server.id()).contains(Identify.PUSH));
    await(() -> !server.protocolsOf(client.id()).isEmpty());
    assertEquals(List.of(), server.knownAddresses(client.id()));

    client.listen();

    await(() -> server.knownAddresses(client.id()).equals(client.addresses()));

    List<Multiaddr> moved = List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/4001"));
    client.addressesAre(moved);

    await(() -> server.knownAddresses(client.id()).equals(moved));
  }

  @Test
  void givenRememberedAddressThatFails_thenLeftAloneUnlessItIsNamed() throws Exception {
    Libp2pHost client = start(config());
    PeerId peer = Identity.generate().peerId();
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Multiaddr nobody = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + port);
    client.remember(peer, nobody);
    assertThrows(ConnectionRefusedException.class, () -> client.connect(peer, List.of()));
    long failed = client.usage().failedDials();

    assertThrows(UnreachableException.class, () -> client.connect(peer, List.of()));
    assertEquals(failed, client.usage().failedDials());
    assertThrows(ConnectionRefusedException.class, () -> client.connect(peer, List.of(nobody)));
    assertEquals(failed + 1, client.usage().failedDials());
  }

  @Test
  void givenConnected_thenBothEndsListTheOther() throws Exception {
    Host server = start(config().listeningOn(LOOPBACK));
    Host client = start(config().withAgent("tester/1"));
    client.connect(server.id(), server.addresses());

    await(
        () ->
            server.connectedPeers().size() == 1
                && server.connectedPeers().getFirst().agent().isPresent()
                && server.connectedPeers().getFirst().roundTrip().isPresent());

    ConnectedPeer seen = server.connectedPeers().getFirst();
    assertEquals(client.id(), seen.peer());
    assertFalse(seen.outbound());
    assertEquals("tester/1", seen.agent().orElseThrow());
    ConnectedPeer dialled = client.connectedPeers().getFirst();
    assertTrue(dialled.outbound());
    assertEquals(server.addresses().getFirst(), dialled.address());
  }

  @Test
  void givenRealHosts_whenMeasured_thenStrangersAreResetWithTheReason() throws Exception {
    Host friend = start(config());
    Host stranger = start(config());
    Host server = start(config().listeningOn(LOOPBACK));
    new PerfServer(friend.id()::equals, PerfServer.PerfLimits.DEFAULT, Ticker.SYSTEM).serve(server);

    Perf.PerfResult result =
        Perf.measure(friend, server.id(), server.addresses(), 1 << 20, 1 << 20, Ticker.SYSTEM);
    StreamResetException refused =
        assertThrows(
            StreamResetException.class,
            () -> Perf.measure(stranger, server.id(), server.addresses(), 0, 1, Ticker.SYSTEM));

    assertEquals(1 << 20, result.downloadBytes());
    assertTrue(result.upload().isPositive() && result.download().isPositive());
    assertEquals(ResetCode.GATED.wire(), refused.code());
  }
}
