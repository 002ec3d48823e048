package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
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
    MessageDigest digest = sha256();
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK);
    while (stream.read(buffer.clear()) >= 0) {
      digest.update(buffer.flip());
    }
    return hex(digest);
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
