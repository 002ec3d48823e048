package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What peers do to a real host by malice or mistake; in the end it still serves an honest one. */
@Timeout(60)
class MisbehavingPeerTest {
  private static final String HOLD = "/sluice/test/hold/1.0.0";

  private final List<Host> hosts = new ArrayList<>();

  @AfterEach
  void closeHosts() {
    hosts.forEach(Host::close);
  }

  /** A permit for each stream whose handler has begun. */
  private final Semaphore served = new Semaphore(0);

  private Host listener(HostLimits limits, HostTimeouts timeouts) throws IOException {
    Host host =
        Libp2pHost.start(
            HostConfig.of(Identity.generate())
                .listeningOn("/ip4/127.0.0.1/tcp/0")
                .withLimits(limits)
                .withTimeouts(timeouts));
    host.handle(
        HOLD,
        stream -> {
          served.release();
          ByteBuffer buffer = ByteBuffer.allocate(10);
          while (stream.read(buffer.clear()) >= 0) {}
        });
    hosts.add(host);
    return host;
  }

  private Host client() throws IOException {
    Host host = Libp2pHost.start(HostConfig.of(Identity.generate()));
    hosts.add(host);
    return host;
  }

  private static Socket connect(Host host) throws IOException {
    int port = Integer.parseInt(host.addresses().getFirst().components().get(1).value());
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  /** Reads until the host hangs up. */
  private static void assertHungUp(Socket socket) throws IOException {
    try {
      InputStream in = socket.getInputStream();
      while (in.read() >= 0) {}
    } catch (IOException reset) {
      assertTrue(reset.getMessage().contains("reset"), reset::toString);
    }
  }

  private void assertServes(Host host) throws IOException {
    assertTrue(client().ping(host.id(), host.addresses()).isPositive());
  }

  private static HostLimits limits(int connections, int pending, int streams) {
    HostLimits usual = HostLimits.DEFAULT;
    return new HostLimits(
        connections,
        usual.connectionsPerPeer(),
        usual.connectionsPerAddress(),
        pending,
        usual.inboundStreams(),
        usual.inboundStreamsOfProtocol(),
        2 * streams, // the host's own, such as identify, count too
        streams,
        usual.outboundStreamsPerPeer(),
        usual.streamWindow(),
        usual.windowMemory(),
        usual.sendQueue());
  }

  @Test
  void givenSilentPeer_thenHungUpInTime() throws Exception {
    Host host = listener(HostLimits.DEFAULT, HostTest.quick(Duration.ofMillis(300)));
    try (Socket silent = connect(host)) {
      assertHungUp(silent);
    }
    assertEquals(0, host.connectionCount());
  }

  @Test
  void givenPeerThatDripsBytes_thenHungUpInTime() throws Exception {
    Host host = listener(HostLimits.DEFAULT, HostTest.quick(Duration.ofMillis(300)));
    byte[] opening = Multistream.encode(Multistream.HEADER);
    try (Socket slow = connect(host)) {
      slow.getOutputStream().write(opening, 0, 5);
      assertHungUp(slow);
    }
  }

  @Test
  void givenHttpAndRubbish_thenHungUpAndStillServing() throws Exception {
    Host host = listener(HostLimits.DEFAULT, HostTimeouts.DEFAULT);
    byte[] rubbish = new byte[4096];
    new Random(1).nextBytes(rubbish);
    byte[] http =
        ("GET / HTTP/1.1\r\nHost: somewhere" + "e".repeat(100) + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] tls =
        MultistreamTest.concat(
            Multistream.encode(Multistream.HEADER, Security.TLS.protocol()), rubbish);
    byte[] noise =
        MultistreamTest.concat(
            Multistream.encode(Multistream.HEADER, Security.NOISE.protocol()), rubbish);

    for (byte[] each : List.of(rubbish, http, tls, noise)) {
      try (Socket socket = connect(host)) {
        socket.getOutputStream().write(each);
        assertHungUp(socket);
      }
    }

    assertServes(host);
  }

  @Test
  void givenAsManySilentSocketsAsMayBePending_thenTheyMakeRoom() throws Exception {
    Host host = listener(limits(100, 3, 10), HostTimeouts.DEFAULT);
    List<Socket> silent = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      silent.add(connect(host));
    }

    for (int i = 0; i < 5; i++) {
      assertServes(host);
    }

    int hungUp = 0;
    for (Socket each : silent) {
      each.setSoTimeout(10);
      hungUp += isHungUp(each) ? 1 : 0;
      each.close();
    }
    assertTrue(hungUp >= 47, hungUp + " were dropped");
  }

  private static boolean isHungUp(Socket socket) throws IOException {
    try {
      while (socket.getInputStream().read() >= 0) {}
      return true;
    } catch (SocketTimeoutException held) {
      return false;
    }
  }

  @Test
  void givenAllConnectionsHeldByPeersThatDoNothing_thenTheyMakeRoom() throws Exception {
    HostTimeouts usual = HostTimeouts.DEFAULT;
    Host host =
        listener(
            limits(3, 10, 10),
            new HostTimeouts(
                usual.connect(),
                usual.upgrade(),
                usual.dial(),
                usual.negotiation(),
                usual.identify(),
                usual.ping(),
                Duration.ofMillis(500),
                usual.streamIdle(),
                usual.linger()));
    for (int i = 0; i < 3; i++) {
      client().open(host.id(), host.addresses(), List.of(HOLD)).write(ByteBuffer.allocate(1));
    }
    Host late = client();

    while (!late.isConnected(host.id())) {
      try {
        late.connect(host.id(), host.addresses());
      } catch (HandshakeException notYet) {
        assertTrue(notYet.isCutOff()); // none of the holders has been here long enough
      }
    }

    assertTrue(late.ping(host.id(), host.addresses()).isPositive());
  }

  @Test
  void givenMoreConnectionsThanAllowed_thenTheNextIsRefused() throws Exception {
    Host host = listener(limits(1, 10, 10), HostTimeouts.DEFAULT);
    Host first = client();
    first.ping(host.id(), host.addresses());

    assertThrows(HandshakeException.class, () -> client().connect(host.id(), host.addresses()));

    assertEquals(1, host.connectionCount());
    assertTrue(first.isConnected(host.id()));
  }

  @Test
  void givenMoreStreamsThanAllowed_thenTheNextIsResetWithTheReason() throws Exception {
    Host host = listener(limits(10, 10, 5), HostTimeouts.DEFAULT);
    Host client = client();
    List<Stream> held = new ArrayList<>();

    Libp2pException failure =
        assertThrows(
            Libp2pException.class,
            () -> {
              for (int i = 0; i < 6; i++) {
                Stream stream = client.open(host.id(), host.addresses(), List.of(HOLD));
                held.add(stream);
                stream.write(ByteBuffer.allocate(1));
                if (i == 5) {
                  stream.read(ByteBuffer.allocate(1));
                }
                served.acquire(); // streams that agree on a protocol at once have no order
              }
            });

    StreamResetException reset = (StreamResetException) failure;
    assertEquals(ResetCode.LIMIT_EXCEEDED.wire(), reset.code());
    for (Stream each : held) {
      each.reset();
    }
  }

  @Test
  void givenStreamWithoutProposal_thenResetInTime() throws Exception {
    HostTimeouts usual = HostTimeouts.DEFAULT;
    HostTimeouts quick =
        new HostTimeouts(
            usual.connect(),
            usual.upgrade(),
            usual.dial(),
            Duration.ofMillis(200),
            usual.identify(),
            usual.ping(),
            usual.keepAlive(),
            usual.streamIdle(),
            usual.linger());
    Host host = listener(HostLimits.DEFAULT, quick);
    Libp2pHost client = (Libp2pHost) client();
    client.connect(host.id(), host.addresses());

    YamuxStream raw = client.connectionTo(host.id()).openRaw();
    raw.write(new ByteBuffer[] {ByteBuffer.wrap(new byte[] {5, 'a'})}, Long.MAX_VALUE);

    assertThrows(
        StreamResetException.class,
        () -> {
          ByteBuffer answer = ByteBuffer.allocate(100);
          while (raw.read(answer, Long.MAX_VALUE) >= 0) {}
        });
  }
}
