package io.sluice.cli.bench;

import io.sluice.protocol.Ticker;
import java.io.EOFException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.FutureTask;
import javax.net.ServerSocketFactory;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;

/**
 * Bytes from one thread to another over a connection on this machine.
 *
 * @param name what kind of connection
 */
record Loopback(String name, ServerSocketFactory servers, SocketFactory sockets)
    implements Yardstick {
  private static final int PIECE = 128 << 10;

  static Loopback tcp() {
    return new Loopback("TCP", ServerSocketFactory.getDefault(), SocketFactory.getDefault());
  }

  /** With the JDK's own TLS. */
  static Loopback tls(SSLContext context) {
    return new Loopback("TLS", context.getServerSocketFactory(), context.getSocketFactory());
  }

  @Override
  public long nanos(long bytes) throws Exception {
    InetAddress here = InetAddress.getLoopbackAddress();
    try (ServerSocket server = servers.createServerSocket(0, 1, here)) {
      FutureTask<Void> sending =
          new FutureTask<>(
              () -> {
                send(server, bytes);
                return null;
              });
      Thread.ofPlatform().name("sending").daemon().start(sending);
      try (Socket socket = sockets.createSocket(here, server.getLocalPort())) {
        long nanos = receive(socket.getInputStream(), bytes);
        sending.get();
        return nanos;
      }
    }
  }

  private static void send(ServerSocket server, long bytes) throws Exception {
    try (Socket socket = server.accept();
        OutputStream out = socket.getOutputStream()) {
      byte[] piece = new byte[PIECE];
      for (long left = bytes; left > 0; left -= PIECE) {
        out.write(piece, 0, (int) Math.min(left, PIECE));
      }
    }
  }

  private static long receive(InputStream in, long bytes) throws Exception {
    byte[] piece = new byte[PIECE];
    long began = 0;
    for (long got = 0; got < bytes; ) {
      int read = in.read(piece);
      if (read < 0) {
        throw new EOFException("%d of %d bytes came".formatted(got, bytes));
      }
      if (got == 0) {
        began = Ticker.SYSTEM.nanos();
      }
      got += read;
    }
    return Ticker.SYSTEM.nanos() - began;
  }
}
