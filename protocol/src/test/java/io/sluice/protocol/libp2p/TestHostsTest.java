package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class TestHostsTest {
  private static final String FIRST = "/test/first";
  private static final String SECOND = "/test/second";

  private final TestHosts network = new TestHosts();
  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
  private Host one;
  private Host two;

  @BeforeEach
  void start() {
    one = network.host("one");
    two = network.host("two");
    for (String each : List.of(FIRST, SECOND)) {
      two.handle(
          each,
          stream -> {
            ByteBuffer byteRead = ByteBuffer.allocate(1);
            while (stream.read(byteRead.clear()) >= 0) {
              stream.write(byteRead.flip());
            }
            seen.add(each);
          });
    }
  }

  private Stream open(String protocol) throws IOException {
    return one.open(two.id(), List.of(), List.of(protocol));
  }

  @Test
  void whenEchoed_thenBytesComeBack() throws Exception {
    try (Stream stream = open(FIRST)) {
      stream.write(ByteBuffer.wrap(new byte[] {1}), ByteBuffer.wrap(new byte[] {2, 3}));
      stream.closeWrite();
      ByteBuffer got = ByteBuffer.allocate(10);
      while (stream.read(got) >= 0) {}
      assertArrayEquals(new byte[] {1, 2, 3}, Arrays.copyOf(got.array(), got.position()));
    }
    assertEquals(1, one.connectionCount());
  }

  @Test
  void givenOneHeldBack_thenTheOtherOvertakes() throws Exception {
    network.hold(one, two, FIRST);
    open(FIRST).closeWrite();
    open(SECOND).closeWrite();

    assertEquals(SECOND, seen.take());
    network.release(one, two, FIRST);
    assertEquals(FIRST, seen.take());
  }

  @Test
  void whenCutAfterBytes_thenSoManyGetThrough() throws Exception {
    BlockingQueue<PeerLoss> gone = new LinkedBlockingQueue<>();
    one.onDisconnect(gone::add);
    network.cutAfter(one, two, 10);
    Stream stream = open(FIRST);
    ByteBuffer bytes = ByteBuffer.allocate(11);

    assertThrows(ConnectionLostException.class, () -> stream.write(bytes));

    assertEquals(10, bytes.position());
    assertEquals(two.id(), gone.take().peer());
    open(FIRST).close();
  }

  @Test
  void givenBlocked_thenRefused() throws Exception {
    network.block(one, two);
    assertThrows(ConnectionRefusedException.class, () -> open(FIRST));
    network.unblock(one, two);
    open(FIRST).close();
  }

  @Test
  void givenDelay_thenStillInOrder() throws Exception {
    network.jitter(7, Duration.ofMillis(20));
    whenEchoed_thenBytesComeBack();
  }
}
