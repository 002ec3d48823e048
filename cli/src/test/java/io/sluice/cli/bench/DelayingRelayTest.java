package io.sluice.cli.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.Ticker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class DelayingRelayTest {
  private static final int BYTES = 3_000_001;

  @Test
  void givenEcho_thenAllComesBackAfterARoundTripAndIsCounted() throws Exception {
    byte[] sent = new byte[BYTES];
    new Random(1).nextBytes(sent);
    try (ServerSocket target = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        DelayingRelay relay = DelayingRelay.to(target.getLocalPort(), Duration.ofMillis(40))) {
      Thread echo = Thread.ofVirtual().start(() -> echo(target));
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.port())) {
        long began = Ticker.SYSTEM.nanos();
        Thread.ofVirtual().start(() -> send(socket, sent));
        int first = socket.getInputStream().read();
        long millis = Duration.ofNanos(Ticker.SYSTEM.nanos() - began).toMillis();
        byte[] rest = socket.getInputStream().readAllBytes();

        byte[] got = new byte[rest.length + 1];
        got[0] = (byte) first;
        System.arraycopy(rest, 0, got, 1, rest.length);
        assertArrayEquals(sent, got);
        assertTrue(millis >= 80, () -> millis + " ms");
        assertEquals(2L * BYTES, relay.carried());
      }
      echo.join();
    }
  }

  private static void echo(ServerSocket target) {
    try (Socket socket = target.accept()) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void send(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
