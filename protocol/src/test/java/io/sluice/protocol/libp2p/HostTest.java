package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.NetUtil;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Two real hosts over loopback. */
@Timeout(60)
class HostTest {
  private static final String ECHO = "/sluice/test/echo/1.0.0";
  private static final String LOOPBACK = "/ip4/127.0.0.1/tcp/0";

  private final List<Host> hosts = new ArrayList<>();

  @AfterEach
  void closeHosts() {
    hosts.forEach(Host::close);
  }

  private Host start(HostConfig config) throws IOException {
    Host host = Libp2pHost.start(config);
    hosts.add(host);
    return host;
  }

  private Host listener(Security... security) throws IOException {
    Host host = start(config(security).listeningOn(LOOPBACK));
    host.handle(ECHO, HostTest::echo);
    return host;
  }

  private static HostConfig config(Security... security) {
    HostConfig config = HostConfig.of(Identity.generate());
    return security.length == 0 ? config : config.withSecurity(security);
  }

  private static void echo(Stream stream) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    while (stream.read(buffer.clear()) >= 0) {
      stream.write(buffer.flip());
    }
  }

  private static byte[] readAll(Stream stream) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
    while (stream.read(buffer.clear()) >= 0) {
      all.write(buffer.array(), 0, buffer.position());
    }
    return all.toByteArray();
  }

  private static byte[] random(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  void givenListener_whenStreamOpened_thenBytesComeBack(Security security) throws Exception {
    Host server = listener(security);
    Host client = start(config(security));
    byte[] sent = random(3_000_000);

    try (Stream stream = client.open(server.id(), server.addresses(), List.of(ECHO))) {
      Thread writer =
          Thread.startVirtualThread(
              () -> {
                try {
                  stream.write(ByteBuffer.wrap(sent));
                  stream.closeWrite();
                } catch (IOException failed) {
                  throw new IllegalStateException(failed);
                }
              });
      byte[] received = readAll(stream);
      writer.join();

      assertArrayEquals(sent, received);
      assertEquals(server.id(), stream.remotePeer());
      assertEquals(ECHO, stream.protocol());
      assertEquals(server.addresses().getFirst(), stream.remoteAddress());
    }
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  void whenPinged_thenAnswered(Security security) throws Exception {
    Host server = listener(security);
    Host client = start(config(security));

    Duration roundTrip = client.ping(server.id(), server.addresses());

    assertTrue(roundTrip.isPositive());
    assertTrue(client.isConnected(server.id()));
    assertEquals(1, client.connectionCount());
  }

  @Test
  void givenDialledPeer_whenItOpensAStream_thenOverTheSameConnection() throws Exception {
    Host server = listener();
    Host client = start(config());
    client.handle(ECHO, HostTest::echo);
    client.connect(server.id(), server.addresses());
    BlockingQueue<PeerId> seen = new LinkedBlockingQueue<>();
    server.handle("/sluice/test/hello/1.0.0", stream -> seen.add(stream.remotePeer()));
    client.open(server.id(), List.of(), List.of("/sluice/test/hello/1.0.0")).close();
    assertEquals(client.id(), seen.take());

    try (Stream back = server.open(client.id(), List.of(), List.of(ECHO))) {
      back.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      back.closeWrite();
      assertArrayEquals(new byte[] {1, 2, 3}, readAll(back));
    }
    assertEquals(1, server.connectionCount());
  }

  @Test
  void givenIdentified_thenProtocolsAndAddressesAreKnown() throws Exception {
    Host server = listener();
    Host client = start(config());
    client.connect(server.id(), server.addresses());

    await(() -> client.protocolsOf(server.id()).contains(ECHO));

    assertTrue(
        client
            .protocolsOf(server.id())
            .containsAll(Set.of(Ping.PROTOCOL, Identify.PROTOCOL, ECHO)));
    assertEquals(server.addresses(), client.knownAddresses(server.id()));
  }

  @Test
  void givenIdentified_whenPeerServesMore_thenPushed() throws Exception {
    Host server = listener();
    Host client = start(config());
    client.connect(server.id(), server.addresses());
    await(() -> client.protocolsOf(server.id()).contains(ECHO));
    await(() -> !server.protocolsOf(client.id()).isEmpty());

    server.handle("/sluice/test/later/1.0.0", HostTest::echo);

    await(() -> client.protocolsOf(server.id()).contains("/sluice/test/later/1.0.0"));
  }

  @Test
  void givenIdentified_whenProtocolIsGone_thenClosingSaysSo() throws Exception {
    Host server = listener();
    Host client = start(config());
    client.connect(server.id(), server.addresses());
    await(() -> client.protocolsOf(server.id()).contains(ECHO));

    assertThrows(
        ProtocolNotSupportedException.class,
        () ->
            client.open(
                server.id(), List.of(), List.of("/sluice/test/none", "/sluice/test/neither")));
    Stream lazy = client.open(server.id(), List.of(), List.of("/sluice/test/none", ECHO));
    assertEquals(ECHO, lazy.protocol());
    lazy.close();
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  void whenAnotherPeerAnswers_thenMismatch(Security security) throws Exception {
    Host server = listener(security);
    Host client = start(config(security));
    PeerId somebodyElse = Identity.generate().peerId();

    PeerMismatchException mismatch =
        assertThrows(
            PeerMismatchException.class, () -> client.connect(somebodyElse, server.addresses()));

    assertEquals(somebodyElse, mismatch.expected());
    assertEquals(server.id(), mismatch.actual());
    assertFalse(client.isConnected(server.id()));
  }

  @Test
  void givenASilentHost_whenItListens_thenItIsReachedWithAllItsProtocols() throws Exception {
    Libp2pHost provider = Libp2pHost.silent(config().listeningOn(LOOPBACK));
    hosts.add(provider);
    provider.handle(ECHO, HostTest::echo);
    assertEquals(List.of(), provider.addresses());
    Host client = start(config());

    provider.listen();

    try (Stream stream = client.open(provider.id(), provider.addresses(), List.of(ECHO))) {
      assertEquals(ECHO, stream.protocol());
    }
  }

  @Test
  void whenNobodyListens_thenRefused() throws Exception {
    Host client = start(config());
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + port);

    assertThrows(
        ConnectionRefusedException.class,
        () -> client.connect(Identity.generate().peerId(), List.of(address)));
  }

  @Test
  void whenPeerSaysNothing_thenTimedOut() throws Exception {
    HostTimeouts quick = quick(Duration.ofMillis(200));
    Host client = start(config().withTimeouts(quick));
    try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/" + silent.getLocalPort());

      assertThrows(
          TimedOutException.class,
          () -> client.connect(Identity.generate().peerId(), List.of(address)));
    }
  }

  @Test
  void whenNoAddress_thenUnreachable() throws Exception {
    Host client = start(config());
    PeerId peer = Identity.generate().peerId();
    Multiaddr quic = Multiaddr.parse("/ip4/127.0.0.1/udp/4001/quic-v1");

    assertThrows(UnreachableException.class, () -> client.connect(peer, List.of()));
    assertThrows(UnreachableException.class, () -> client.connect(peer, List.of(quic)));
    assertThrows(UnreachableException.class, () -> client.connect(client.id(), List.of()));
  }

  @Test
  void givenOnlyDifferentSecurity_thenHandshakeFails() throws Exception {
    Host server = listener(Security.NOISE);
    Host client = start(config(Security.TLS));

    assertThrows(HandshakeException.class, () -> client.connect(server.id(), server.addresses()));
  }

  @Test
  void whenManyDialAtOnce_thenOneConnection() throws Exception {
    Host server = listener();
    Host client = start(config());

    inParallel(
        20,
        () -> {
          try (Stream stream = client.open(server.id(), server.addresses(), List.of(ECHO))) {
            stream.write(ByteBuffer.wrap(new byte[] {7}));
            stream.closeWrite();
            assertArrayEquals(new byte[] {7}, readAll(stream));
          }
          return null;
        });

    assertEquals(1, client.connectionCount());
  }

  @Test
  void whenBothDialAtOnce_thenBothCanTalk() throws Exception {
    Host one = listener();
    Host two = listener();

    inParallel(
        2, new AtomicInteger(), number -> number == 0 ? exchange(one, two) : exchange(two, one));

    assertTrue(one.isConnected(two.id()));
    assertTrue(two.isConnected(one.id()));
  }

  /** Each dials from a port of its own, so there are two connections, or one that was faster. */
  @Test
  @Tag("long") // two hosts each time
  void whenBothDialAtOnce_againAndAgain_thenNeitherIsLost() throws Exception {
    int twice = 0;
    for (int round = 0; round < 200; round++) {
      try (Host one = Libp2pHost.start(config().listeningOn(LOOPBACK));
          Host two = Libp2pHost.start(config().listeningOn(LOOPBACK))) {
        BlockingQueue<PeerLoss> gone = new LinkedBlockingQueue<>();
        for (Host each : List.of(one, two)) {
          each.handle(ECHO, HostTest::echo);
          each.onDisconnect(gone::add);
        }
        CyclicBarrier together = new CyclicBarrier(2);

        inParallel(
            2,
            new AtomicInteger(),
            number -> {
              together.await();
              return number == 0 ? exchange(one, two) : exchange(two, one);
            });

        await(() -> one.connectionCount() == two.connectionCount());
        int connections = one.connectionCount();
        twice += connections == 2 ? 1 : 0;
        exchange(one, two);
        exchange(two, one);
        assertEquals(connections, one.connectionCount(), "what is there is used");
        assertTrue(gone.isEmpty(), gone::toString);
      }
    }
    assertTrue(twice > 0, "they never met");
  }

  private static Object exchange(Host from, Host to) throws IOException {
    try (Stream stream = from.open(to.id(), to.addresses(), List.of(ECHO))) {
      stream.write(ByteBuffer.wrap(new byte[] {7}));
      stream.closeWrite();
      assertArrayEquals(new byte[] {7}, readAll(stream));
    }
    return from;
  }

  @Test
  void whenHostCloses_thenStreamsFailAndListenersHear() throws Exception {
    Host server = listener();
    Host client = start(config());
    BlockingQueue<PeerLoss> gone = new LinkedBlockingQueue<>();
    client.onDisconnect(gone::add);
    Stream stream = client.open(server.id(), server.addresses(), List.of(ECHO));
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread.startVirtualThread(
        () -> {
          try {
            int count = stream.read(ByteBuffer.allocate(10));
            failure.complete(new IllegalStateException("read " + count));
          } catch (IOException expected) {
            failure.complete(expected);
          }
        });

    server.close();

    assertEquals(server.id(), gone.poll(10, TimeUnit.SECONDS).peer());
    assertEquals(ConnectionLostException.class, failure.get().getClass());
    assertFalse(client.isConnected(server.id()));
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  void whenClosedRightAfterWriting_thenAllArrives(Security security) throws Exception {
    Host server = listener(security);
    CompletableFuture<byte[]> received = new CompletableFuture<>();
    server.handle("/sluice/test/last/1.0.0", stream -> received.complete(readAll(stream)));
    Host client = start(config(security));
    byte[] sent = random(700_000);

    Stream stream =
        client.open(server.id(), server.addresses(), List.of("/sluice/test/last/1.0.0"));
    stream.write(ByteBuffer.wrap(sent));
    stream.close();
    client.close();

    assertArrayEquals(sent, received.get(10, TimeUnit.SECONDS));
  }

  @Test
  void whenHandlerThrows_thenPeerSeesReset() throws Exception {
    Host server = listener();
    server.handle(
        "/sluice/test/fails/1.0.0",
        stream -> {
          stream.read(ByteBuffer.allocate(1));
          throw new IOException("disk full");
        });
    Host client = start(config());

    Stream stream =
        client.open(server.id(), server.addresses(), List.of("/sluice/test/fails/1.0.0"));
    stream.write(ByteBuffer.wrap(new byte[] {1}));

    StreamResetException reset =
        assertThrows(StreamResetException.class, () -> stream.read(ByteBuffer.allocate(1)));
    assertTrue(reset.byPeer());
  }

  @Test
  void givenIdleTimeout_whenNothingComes_thenTimedOutAndStillUsable() throws Exception {
    Host server = listener();
    Host client = start(config());

    try (Stream stream = client.open(server.id(), server.addresses(), List.of(ECHO))) {
      stream.timeout(Duration.ofMillis(50));
      assertThrows(TimedOutException.class, () -> stream.read(ByteBuffer.allocate(1)));

      stream.timeout(Duration.ofSeconds(20));
      stream.write(ByteBuffer.wrap(new byte[] {9}));
      stream.closeWrite();
      assertArrayEquals(new byte[] {9}, readAll(stream));
    }
  }

  @Test
  void givenPeerThatDoesNotRead_whenWriting_thenBackPressure() throws Exception {
    CountDownLatch done = new CountDownLatch(1);
    Host server = listener();
    server.handle(
        "/sluice/test/deaf/1.0.0",
        stream -> {
          try {
            done.await();
          } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
          }
        });
    Host client = start(config());
    Stream stream =
        client.open(server.id(), server.addresses(), List.of("/sluice/test/deaf/1.0.0"));
    stream.timeout(Duration.ofMillis(300));
    ByteBuffer endless = ByteBuffer.allocate(64 << 20);

    assertThrows(TimedOutException.class, () -> stream.write(endless));

    assertTrue(endless.position() <= Yamux.INITIAL_WINDOW, "sent " + endless.position());
    done.countDown();
    stream.reset();
  }

  @Test
  void givenIp6_whenDialled_thenConnected() throws Exception {
    Host server = start(config().listeningOn("/ip6/::1/tcp/0", LOOPBACK));
    Host client = start(config());

    client.connect(server.id(), List.of(server.addresses().getFirst()));

    assertTrue(client.isConnected(server.id()));
    assertEquals("ip6", server.addresses().getFirst().components().getFirst().protocol());
  }

  static HostTimeouts quick(Duration upgrade) {
    HostTimeouts usual = HostTimeouts.DEFAULT;
    return new HostTimeouts(
        usual.connect(),
        upgrade,
        usual.dial(),
        usual.negotiation(),
        usual.identify(),
        usual.ping(),
        usual.keepAlive(),
        usual.streamIdle(),
        usual.linger());
  }

  /** Far more than anything here takes. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Waits until it holds; fails if it does not for far longer than anything here takes. */
  static void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertTrue(System.nanoTime() < end, "did not come");
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static void inParallel(int count, Callable<?> task) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        running.add(threads.submit(task));
      }
      for (Future<?> each : running) {
        each.get();
      }
    }
  }

  private interface Numbered {
    Object call(int number) throws Exception;
  }

  private static void inParallel(int count, AtomicInteger next, Numbered task) throws Exception {
    inParallel(count, () -> task.call(next.getAndIncrement()));
  }

  @ParameterizedTest
  @CsvSource({"ip4, 0.0.0.0, 127.0.0.1, ::1", "ip6, ::, ::1, 127.0.0.1"})
  void givenAWildcard_thenThatKindOfAddressesIsOpen_andEachIsTold(
      String kind, String any, String open, String shut) throws Exception {
    Host server = start(config().listeningOn("/" + kind + "/" + any + "/tcp/0"));

    Set<String> told = new TreeSet<>();
    int port = 0;
    for (Multiaddr each : server.addresses()) {
      assertEquals(kind, each.components().getFirst().protocol());
      told.add(each.components().getFirst().value());
      port = Integer.parseInt(each.components().getLast().value());
    }
    Set<String> here = new TreeSet<>();
    for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
      each.inetAddresses()
          .filter(address -> address instanceof Inet4Address == kind.equals("ip4"))
          .filter(address -> !address.isLinkLocalAddress())
          .forEach(address -> here.add(NetUtil.toAddressString(address)));
    }
    assertEquals(here, told);
    new Socket(open, port).close();
    int same = port;
    assertThrows(ConnectException.class, () -> new Socket(shut, same).close());
    String other = kind.equals("ip4") ? "/ip6/::" : "/ip4/0.0.0.0";
    assertEquals(
        "/tcp/" + port,
        start(config().listeningOn(other + "/tcp/" + port))
            .addresses()
            .getFirst()
            .toString()
            .replaceFirst("/ip./[^/]+", ""));
  }
}
