package io.sluice.protocol.libp2p;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.Ticker;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Our host and js-libp2p, each dialling the other. */
@Tag("long") // installs and starts peers
@Timeout(300)
class JsInteropTest {
  private static final int CHUNK = 256 * 1024;
  private static final int BYTES = Integer.getInteger("sluice.test.interop.mebibytes", 24) << 20;

  /** What perf sends there, and back. */
  private static final long EACH_WAY =
      Long.getLong("sluice.test.interop.perf-mebibytes", 1024) << 20;

  private static final int STREAMS = 1000;

  @BeforeAll
  static void requirePeer() throws IOException, InterruptedException {
    JsPeer.require();
  }

  @ParameterizedTest
  @CsvSource({"TLS, 1", "TLS, 20", "NOISE, 1", "NOISE, 20"})
  void givenOurHost_whenJsDials_thenIdentifiedPingedAndEchoed(Security security, int streams)
      throws Exception {
    Identity identity = Identity.generate();
    HostConfig config =
        HostConfig.of(identity).withAgent("sluice/test").listeningOn("/ip4/127.0.0.1/tcp/0");
    try (Host host = Libp2pHost.start(config)) {
      host.handle(JsPeer.ECHO, JsInteropTest::echo);
      Multiaddr address = host.addresses().getFirst().withPeer(host.id());

      String result;
      try (JsPeer peer =
          JsPeer.run(
              "dial",
              address.toString(),
              "--security",
              security.name().toLowerCase(Locale.ROOT),
              "--bytes",
              Integer.toString(BYTES / streams),
              "--streams",
              Integer.toString(streams))) {
        result = peer.result();
      }

      System.out.println("js dials: " + result);
      assertTrue(result.contains("\"ok\":true"), result);
      assertTrue(result.contains("\"peerId\":\"" + host.id() + "\""), result);
      assertTrue(result.contains("\"agent\":\"sluice/test\""), result);
      assertTrue(result.contains("\"muxer\":\"/yamux/1.0.0\""), result);
      assertTrue(result.contains("\"security\":\"" + security.protocol() + "\""), result);
      assertTrue(result.contains(JsPeer.ECHO), result);
    }
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  void givenJsHost_whenWeDial_thenIdentifiedPingedAndEchoed(Security security) throws Exception {
    try (JsPeer peer =
            JsPeer.run("listen", "--security", security.name().toLowerCase(Locale.ROOT));
        Host host = Libp2pHost.start(HostConfig.of(Identity.generate()))) {
      Multiaddr address = peer.address();
      PeerId id = address.peerId().orElseThrow();

      host.connect(id, List.of(address)); // both kinds are offered, and js takes its own
      assertTrue(host.ping(id, List.of(address)).isPositive());
      while (!host.protocolsOf(id).contains(JsPeer.ECHO)) {
        LockSupport.parkNanos(1_000_000);
      }
      long start = System.nanoTime();
      try (Stream stream = host.open(id, List.of(address), List.of(JsPeer.ECHO))) {
        CompletableFuture<String> sent = new CompletableFuture<>();
        Thread.startVirtualThread(() -> sent.complete(send(stream)));
        String received = digest(stream);
        assertEquals(sent.get(), received);
      }
      System.out.printf(
          "js echoes by %s: %.1f MiB/s%n",
          security, BYTES / 1048576.0 / ((System.nanoTime() - start) / 1e9));
      assertEquals(1, host.connectionCount());
    }
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  void givenOurHost_whenJsMeasuresAndEndsStreams_thenBothEndsSeeTheSame(Security security)
      throws Exception {
    HostConfig config = HostConfig.of(Identity.generate()).listeningOn("/ip4/127.0.0.1/tcp/0");
    BlockingQueue<String> ends = new LinkedBlockingQueue<>();
    try (Host host = Libp2pHost.start(config)) {
      new PerfServer(any -> true, PerfServer.PerfLimits.DEFAULT, Ticker.SYSTEM).serve(host);
      host.handle(JsPeer.ECHO, JsInteropTest::echo);
      host.handle(
          JsPeer.DIGEST,
          stream -> {
            try {
              Counted counted = Counted.all(stream);
              stream.write(ByteBuffer.wrap(counted.toString().getBytes(UTF_8)));
              ends.add("half-closed");
            } catch (IOException ended) {
              boolean byPeer = ended instanceof StreamResetException reset && reset.byPeer();
              ends.add(byPeer ? "reset by js" : "ended by " + ended);
            }
          });
      host.handle(
          JsPeer.ABORT,
          stream -> {
            int count = stream.read(ByteBuffer.allocate(1));
            ends.add("first byte " + count);
            stream.reset();
          });

      String result;
      try (JsPeer peer =
          JsPeer.run(
              "dial",
              host.addresses().getFirst().withPeer(host.id()).toString(),
              "--security",
              security.name().toLowerCase(Locale.ROOT),
              "--bytes",
              "1000",
              "--perf",
              Long.toString(EACH_WAY),
              "--ends")) {
        result = peer.result();
      }

      System.out.println("js measures: " + result);
      assertTrue(result.contains("\"ok\":true"), result);
      assertTrue(result.contains("\"received\":" + EACH_WAY), result);
      assertEquals("half-closed", ends.take());
      assertEquals("first byte 1", ends.take());
      assertEquals("reset by js", ends.take());
    }
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  void givenJsHost_whenWeMeasureAndEndStreams_thenBothEndsSeeTheSame(Security security)
      throws Exception {
    try (JsPeer peer =
            JsPeer.run("listen", "--security", security.name().toLowerCase(Locale.ROOT));
        Host host = Libp2pHost.start(HostConfig.of(Identity.generate()))) {
      Multiaddr address = peer.address();
      PeerId id = address.peerId().orElseThrow();
      List<Multiaddr> where = List.of(address);

      Perf.PerfResult perf = Perf.measure(host, id, where, EACH_WAY, EACH_WAY, Ticker.SYSTEM);
      System.out.println("perf with js by " + security + ": " + perf);
      assertEquals(EACH_WAY, perf.downloadBytes());

      try (Stream stream = host.open(id, where, List.of(JsPeer.DIGEST))) {
        stream.write(ByteBuffer.wrap("abc".getBytes(UTF_8)));
        stream.closeWrite();
        ByteBuffer answer = ByteBuffer.allocate(1000);
        while (stream.read(answer) >= 0) {}
        assertEquals(
            "3 ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            new String(answer.array(), 0, answer.position(), UTF_8));
      }
      try (Stream stream = host.open(id, where, List.of(JsPeer.ABORT))) {
        stream.write(ByteBuffer.wrap(new byte[1]));
        StreamResetException reset =
            assertThrows(StreamResetException.class, () -> stream.read(ByteBuffer.allocate(1)));
        assertTrue(reset.byPeer());
      }
      Stream dropped = host.open(id, where, List.of(JsPeer.ECHO));
      dropped.write(ByteBuffer.wrap(new byte[1]));
      dropped.reset();
      assertTrue(host.ping(id, where).isPositive()); // the connection lives on
      assertEquals(1, host.connectionCount());
    }
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  void givenJsHost_whenAThousandStreamsAreOpenAtOnce_thenEachEchoes(Security security)
      throws Exception {
    try (JsPeer peer =
            JsPeer.run("listen", "--security", security.name().toLowerCase(Locale.ROOT));
        Host host =
            Libp2pHost.start(HostConfig.of(Identity.generate()).withLimits(manyStreams()))) {
      Multiaddr address = peer.address();
      PeerId id = address.peerId().orElseThrow();
      List<Stream> open = new ArrayList<>();
      for (int i = 0; i < STREAMS; i++) {
        Stream stream = host.open(id, List.of(address), List.of(JsPeer.ECHO));
        stream.write(ByteBuffer.wrap(new byte[] {(byte) i}));
        ByteBuffer echo = ByteBuffer.allocate(1);
        assertEquals(1, stream.read(echo));
        assertEquals((byte) i, echo.get(0));
        open.add(stream);
      }
      for (Stream stream : open) {
        stream.write(ByteBuffer.wrap(new byte[1000]));
        stream.closeWrite();
      }
      for (Stream stream : open) {
        assertEquals(1000, Counted.all(stream).bytes());
        stream.close();
      }
      assertEquals(1, host.connectionCount());
    }
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  void givenOurHost_whenJsOpensAThousandStreamsAtOnce_thenEachEchoes(Security security)
      throws Exception {
    HostConfig config =
        HostConfig.of(Identity.generate())
            .withLimits(manyStreams())
            .listeningOn("/ip4/127.0.0.1/tcp/0");
    try (Host host = Libp2pHost.start(config)) {
      host.handle(JsPeer.ECHO, JsInteropTest::echo);
      String result;
      try (JsPeer peer =
          JsPeer.run(
              "dial",
              host.addresses().getFirst().withPeer(host.id()).toString(),
              "--security",
              security.name().toLowerCase(Locale.ROOT),
              "--bytes",
              "10000",
              "--streams",
              Integer.toString(STREAMS))) {
        result = peer.result();
      }

      assertTrue(result.contains("\"ok\":true"), result);
      assertTrue(result.contains("\"streams\":" + STREAMS), result);
    }
  }

  private static HostLimits manyStreams() {
    HostLimits usual = HostLimits.DEFAULT;
    return new HostLimits(
        usual.connections(),
        usual.connectionsPerPeer(),
        usual.connectionsPerAddress(),
        usual.pendingUpgrades(),
        usual.inboundStreams(),
        usual.inboundStreamsOfProtocol(),
        2 * STREAMS,
        2 * STREAMS,
        2 * STREAMS,
        usual.streamWindow(),
        2L * STREAMS * HostLimits.SMALLEST_WINDOW,
        usual.sendQueue());
  }

  /** What came until the other half was closed. */
  private record Counted(long bytes, String sha256) {
    static Counted all(Stream stream) throws IOException {
      MessageDigest digest = JsInteropTest.sha256();
      ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
      long bytes = 0;
      while (stream.read(buffer.clear()) >= 0) {
        bytes += buffer.position();
        digest.update(buffer.flip());
      }
      return new Counted(bytes, hex(digest));
    }

    @Override
    public String toString() {
      return bytes + " " + sha256;
    }
  }

  private static void echo(Stream stream) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
    while (stream.read(buffer.clear()) >= 0) {
      stream.write(buffer.flip());
    }
  }

  private static String send(Stream stream) {
    try {
      MessageDigest digest = sha256();
      byte[] chunk = new byte[CHUNK];
      for (int sent = 0; sent < BYTES; sent += CHUNK) {
        chunk[sent / CHUNK % CHUNK]++;
        digest.update(chunk);
        stream.write(ByteBuffer.wrap(chunk));
      }
      stream.closeWrite();
      return hex(digest);
    } catch (IOException failed) {
      return "not sent: " + failed;
    }
  }

  private static String digest(Stream stream) throws IOException {
    return Counted.all(stream).sha256();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException missing) {
      throw new IllegalStateException(missing);
    }
  }

  private static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }
}
