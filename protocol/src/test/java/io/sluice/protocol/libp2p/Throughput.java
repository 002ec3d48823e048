package io.sluice.protocol.libp2p;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Measures one stream between two hosts of this process over loopback. Not a test: run {@code main}
 * with the kind of security, the number of MiB for each round and the number of rounds.
 */
final class Throughput {
  private static final String UPLOAD = "/sluice/test/upload/1.0.0";
  private static final int CHUNK = 1 << 20;

  private Throughput() {}

  /** Prints MiB/s of each round. */
  public static void main(String[] args) throws IOException {
    Security security = Security.valueOf(args.length > 0 ? args[0] : "TLS");
    int mebibytes = args.length > 1 ? Integer.parseInt(args[1]) : 1024;
    int rounds = args.length > 2 ? Integer.parseInt(args[2]) : 5;
    HostConfig config = HostConfig.of(Identity.generate()).withSecurity(security);
    try (Host server = Libp2pHost.start(config.listeningOn("/ip4/127.0.0.1/tcp/0"));
        Host client = Libp2pHost.start(HostConfig.of(Identity.generate()).withSecurity(security))) {
      server.handle(UPLOAD, Throughput::swallow);
      for (int round = 0; round < rounds; round++) {
        long start = System.nanoTime();
        upload(client, server, mebibytes);
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf(
            "%s: %d MiB in %.2f s: %.0f MiB/s%n",
            security, mebibytes, seconds, mebibytes / seconds);
      }
    }
  }

  static void upload(Host client, Host server, int mebibytes) throws IOException {
    ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
    try (Stream stream = client.open(server.id(), server.addresses(), List.of(UPLOAD))) {
      for (int i = 0; i < mebibytes; i++) {
        stream.write(chunk.clear());
      }
      stream.closeWrite();
      stream.read(chunk.clear()); // the end of the other side says that all has come
    }
  }

  static void swallow(Stream stream) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
    long count = 0;
    int read;
    while ((read = stream.read(buffer.clear())) >= 0) {
      count += read;
    }
    stream.write(ByteBuffer.allocate(8).putLong(0, count));
  }
}
