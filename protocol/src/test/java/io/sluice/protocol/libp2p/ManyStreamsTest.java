package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Many streams at once between two hosts, of random lengths, some given up in the middle. */
@Timeout(120)
class ManyStreamsTest {
  private static final String ECHO = "/sluice/test/echo/1.0.0";
  private static final long SEED = Long.getLong("sluice.test.seed", 20_261_121);

  private static HostConfig config(Security security) {
    HostLimits usual = HostLimits.DEFAULT;
    HostLimits small =
        new HostLimits(
            usual.connections(),
            usual.connectionsPerPeer(),
            usual.connectionsPerAddress(),
            usual.pendingUpgrades(),
            usual.inboundStreams(),
            usual.inboundStreamsOfProtocol(),
            usual.inboundStreamsPerPeer(),
            usual.inboundStreamsPerPeer(),
            usual.outboundStreamsPerPeer(),
            1 << 20,
            64 << 20,
            128 * 1024);
    return HostConfig.of(Identity.generate()).withSecurity(security).withLimits(small);
  }

  private static void echo(Stream stream) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(10_000);
    while (stream.read(buffer.clear()) >= 0) {
      stream.write(buffer.flip());
    }
  }

  @ParameterizedTest
  @EnumSource(Security.class)
  void whenManyTalkAtOnce_thenEachGetsItsOwnBytes(Security security) throws Exception {
    System.out.println("seed " + SEED);
    try (Host server = Libp2pHost.start(config(security).listeningOn("/ip4/127.0.0.1/tcp/0"));
        Host client = Libp2pHost.start(config(security))) {
      server.handle(ECHO, ManyStreamsTest::echo);
      int good = 0;
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<Boolean>> running = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          long seed = SEED + i;
          running.add(threads.submit(() -> talk(client, server, new Random(seed))));
        }
        for (Future<Boolean> each : running) {
          good += each.get() ? 1 : 0;
        }
      }
      assertTrue(good > 50, good + " of 100 were to be talked to the end");
      assertEquals(1, client.connectionCount());
      assertTrue(client.ping(server.id(), server.addresses()).isPositive());
    }
  }

  /** False if it was given up on purpose. */
  private static boolean talk(Host client, Host server, Random random)
      throws IOException, InterruptedException, ExecutionException {
    int length = random.nextInt(2_000_000);
    boolean giveUp = random.nextInt(4) == 0;
    CRC32 received = new CRC32();
    CRC32 sent = new CRC32();
    try (Stream stream = client.open(server.id(), server.addresses(), List.of(ECHO));
        var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> writer =
          threads.submit(
              () -> {
                send(stream, length, giveUp, random, sent);
                return null;
              });
      ByteBuffer buffer = ByteBuffer.allocate(50_000);
      try {
        while (stream.read(buffer.clear()) >= 0) {
          received.update(buffer.flip());
        }
        writer.get();
      } catch (StreamResetException gaveUp) {
        assertTrue(giveUp, gaveUp::toString);
        return false;
      }
    }
    assertEquals(sent.getValue(), received.getValue());
    return true;
  }

  private static void send(Stream stream, int length, boolean giveUp, Random random, CRC32 sent)
      throws IOException {
    for (int left = length; left > 0; ) {
      byte[] part = new byte[Math.min(left, 1 + random.nextInt(1 << random.nextInt(18)))];
      random.nextBytes(part);
      sent.update(part);
      stream.write(ByteBuffer.wrap(part));
      left -= part.length;
      if (giveUp && left < length / 2) {
        stream.reset();
        return;
      }
    }
    stream.closeWrite();
  }

  @Test
  void givenProtocolServedInTurn_whenAPeerOpensAllAtOnce_thenTheyWaitAndEachIsServed()
      throws Exception {
    int atOnce = 16;
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger served = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (Host server =
            Libp2pHost.start(
                HostConfig.of(Identity.generate()).listeningOn("/ip4/127.0.0.1/tcp/0"));
        Host client = Libp2pHost.start(HostConfig.of(Identity.generate()))) {
      server.handleInTurn(
          ECHO,
          atOnce,
          stream -> {
            most.accumulateAndGet(served.incrementAndGet(), Math::max);
            awaitLatch(go);
            echo(stream);
            served.decrementAndGet();
          });
      List<Stream> open = new ArrayList<>();
      // Behind those that are served none is accepted, so the client knows when there may be no
      // more.
      while (open.size() < atOnce + Yamux.BACKLOG) {
        try {
          open.add(opened(client, server, open.size()));
        } catch (LimitExceededException notAcceptedYet) {
          LockSupport.parkNanos(1_000_000);
        }
      }
      assertThrows(LimitExceededException.class, () -> opened(client, server, 0));
      assertEquals(atOnce, served.get());
      assertEquals(0, server.usage().refusedStreams());

      go.countDown();
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<Integer>> answers = new ArrayList<>();
        for (Stream each : open) {
          answers.add(threads.submit(() -> answer(each)));
        }
        for (Future<Integer> each : answers) {
          assertEquals(1000, each.get());
        }
      }
      assertEquals(atOnce, most.get());
    }
  }

  private static Stream opened(Host client, Host server, int number) throws IOException {
    Stream stream = client.open(server.id(), server.addresses(), List.of(ECHO));
    byte[] request = new byte[1000];
    request[0] = (byte) number;
    stream.write(ByteBuffer.wrap(request));
    stream.closeWrite();
    return stream;
  }

  /** How many bytes came back; the end is waited for longer than for a protocol to be agreed on. */
  private static int answer(Stream stream) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(2000);
    while (stream.read(buffer) >= 0) {}
    stream.close();
    return buffer.position();
  }

  private static void awaitLatch(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
  }

  @Test
  void givenReaderThatNeverReads_thenOthersGoOn() throws Exception {
    try (Host server = Libp2pHost.start(config(Security.TLS).listeningOn("/ip4/127.0.0.1/tcp/0"));
        Host client = Libp2pHost.start(config(Security.TLS))) {
      server.handle(ECHO, ManyStreamsTest::echo);
      List<Stream> stuck = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Stream stream = client.open(server.id(), server.addresses(), List.of(ECHO));
        stream.timeout(Duration.ofMillis(100));
        try {
          stream.write(ByteBuffer.allocate(4 << 20)); // nobody reads what comes back
        } catch (TimedOutException full) {
          stuck.add(stream);
        }
      }
      assertEquals(20, stuck.size());

      assertTrue(talk(client, server, new Random(2)));

      stuck.forEach(Stream::reset);
    }
  }
}
