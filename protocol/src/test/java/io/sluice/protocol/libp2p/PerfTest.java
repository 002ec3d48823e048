package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.Ticker;
import io.sluice.protocol.libp2p.PerfServer.PerfLimits;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PerfTest {
  private static final long LIMIT = 1 << 20;
  private static final PerfLimits LIMITS = new PerfLimits(LIMIT, Duration.ofSeconds(1), 1);

  private final TestHosts network = new TestHosts();
  private final Host server = network.host("server");
  private final Host client = network.host("client");

  private void serve(Predicate<PeerId> allowed, Ticker ticker) {
    new PerfServer(allowed, LIMITS, ticker).serve(server);
  }

  private Perf.PerfResult measure(long upload, long download) throws IOException {
    return Perf.measure(client, server.id(), List.of(), upload, download, () -> 0);
  }

  @Test
  void givenAllowed_thenSoManyBytesGoThereAndBack() throws Exception {
    serve(client.id()::equals, () -> 0);
    long before = network.traffic();

    assertEquals(LIMIT, measure(LIMIT, 100_001).uploadBytes());
    assertEquals(Long.BYTES + LIMIT + 100_001, network.traffic() - before);
    assertEquals(0, measure(0, 0).downloadBytes());
    assertEquals(LIMIT, measure(7, LIMIT).downloadBytes());
  }

  @Test
  void givenStranger_thenReset() {
    serve(server.id()::equals, () -> 0);

    assertThrows(StreamResetException.class, () -> measure(0, 1));
  }

  @Test
  void whenMoreIsWantedThanTheLimit_thenReset() throws Exception {
    serve(any -> true, () -> 0);

    assertThrows(StreamResetException.class, () -> measure(0, LIMIT + 1));
    assertThrows(StreamResetException.class, () -> measure(LIMIT + 1, 0));
    Stream negative = client.open(server.id(), List.of(), Perf.PROTOCOLS);
    negative.write(ByteBuffer.allocate(Long.BYTES).putLong(0, -1)); // 2^64 - 1 bytes
    assertThrows(StreamResetException.class, () -> negative.read(ByteBuffer.allocate(1)));
  }

  @Test
  void whenItTakesTooLong_thenReset() {
    AtomicLong now = new AtomicLong();
    serve(any -> true, () -> now.addAndGet(LIMITS.time().toNanos()));

    assertThrows(StreamResetException.class, () -> measure(LIMIT, 0));
  }

  @Test
  void givenOneRunning_whenAnotherIsWanted_thenResetUntilTheFirstIsOver() throws Exception {
    serve(any -> true, () -> 0);
    Stream first = client.open(server.id(), List.of(), Perf.PROTOCOLS);
    first.write(ByteBuffer.allocate(Long.BYTES + 1));
    while (!isRefused()) {
      Thread.onSpinWait(); // until the first is noticed
    }

    first.closeWrite();
    assertEquals(-1, first.read(ByteBuffer.allocate(1)));

    while (isRefused()) {
      Thread.onSpinWait();
    }
  }

  private boolean isRefused() throws IOException {
    try {
      measure(0, 1);
      return false;
    } catch (StreamResetException refused) {
      return true;
    }
  }

  @Test
  void givenPeerThatSendsTooMuch_thenToldSo() {
    server.handle(
        Perf.PROTOCOLS.getFirst(),
        stream -> {
          while (stream.read(ByteBuffer.allocate(100)) >= 0) {} // to the end, as is usual
          stream.write(ByteBuffer.allocate(200_000));
        });

    IOException failed = assertThrows(HandshakeException.class, () -> measure(0, 100_000));

    assertTrue(String.valueOf(failed.getMessage()).contains("more"), failed.getMessage());
  }

  @Test
  void givenPeerWithoutIt_thenNotSupported() {
    assertThrows(ProtocolNotSupportedException.class, () -> measure(0, 1));
  }
}
