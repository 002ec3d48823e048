package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An honest peer beside a thousand that hold on to a host without using it: its transfers keep 70 %
 * of their speed. It measures, so it is one of the long tests, which run by themselves.
 */
@Tag("long")
@Timeout(300)
class BesideStrangersTest {
  private static final String UPLOAD = "/sluice/test/upload/1.0.0";
  private static final String HOLD = "/sluice/test/hold/1.0.0";
  private static final int MEBIBYTES = 256;
  private static final int ROUNDS = 4;
  private static final long PACE_NANOS = 50_000_000;

  private final List<Socket> sockets = new ArrayList<>();
  private final List<Host> hosts = new ArrayList<>();
  private volatile boolean done;

  @Test
  void keepsItsSpeed() throws Exception {
    try (Host server = server()) {
      ByteBuffer much = ByteBuffer.allocateDirect(1 << 20);
      server.handle(
          HOLD,
          stream -> {
            while (!done) {
              stream.write(much.duplicate()); // which nobody reads
            }
          });
      double alone = best(server);
      Thread trickle = null;
      double beside;
      try {
        for (int i = 0; i < 600; i++) {
          sockets.add(silent(server));
        }
        for (int i = 0; i < 4; i++) {
          Host host = Libp2pHost.start(HostConfig.of(Identity.generate()));
          hosts.add(host);
          for (int j = 0; j < 50; j++) {
            host.open(server.id(), server.addresses(), List.of(HOLD)).write(ByteBuffer.allocate(1));
          }
        }
        trickle = Thread.ofVirtual().start(() -> trickle(server));
        beside = best(server);
        // Another process may have taken the cores just then; strangers who slow us do so each
        // time.
        for (int again = 0; again < 3 && beside < 0.7 * alone; again++) {
          beside = Math.max(beside, best(server));
        }
      } finally {
        done = true;
        if (trickle != null) {
          trickle.join();
        }
        hosts.forEach(Host::close);
        for (Socket each : sockets) {
          each.close();
        }
      }
      if (beside < 0.7 * alone) { // unless it is slower alone by now, too
        try (Host untouched = server()) {
          alone = Math.min(alone, best(untouched));
        }
      }
      String said = "%.0f MiB/s alone, %.0f beside 1,000 strangers".formatted(alone, beside);
      System.out.println(said);
      assertTrue(beside >= 0.7 * alone, said);
    }
  }

  private static Host server() throws IOException {
    Host server =
        Libp2pHost.start(HostConfig.of(Identity.generate()).listeningOn("/ip4/127.0.0.1/tcp/0"));
    server.handle(UPLOAD, Throughput::swallow);
    return server;
  }

  private static Socket silent(Host host) throws IOException {
    int port = Integer.parseInt(host.addresses().getFirst().components().get(1).value());
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  /**
   * Another 200 that say one byte of their opening now and then, and come again when hung up on.
   */
  private void trickle(Host host) {
    byte[] opening = Multistream.encode(Multistream.HEADER);
    Socket[] slow = new Socket[200];
    for (int step = 0; !done; step++) {
      LockSupport.parkNanos(PACE_NANOS);
      for (int i = 0; i < slow.length && !done; i++) {
        try {
          if (slow[i] == null) {
            slow[i] = silent(host);
          }
          slow[i].getOutputStream().write(opening[step % (opening.length - 1)]);
        } catch (IOException hungUp) {
          slow[i] = null;
        }
      }
    }
    for (Socket each : slow) {
      try {
        if (each != null) {
          each.close();
        }
      } catch (IOException ignored) {
        // it is closed
      }
    }
  }

  /** MiB/s of the best of some transfers, each by a peer that comes new. */
  private static double best(Host server) throws IOException {
    double best = 0;
    for (int round = 0; round < ROUNDS; round++) {
      long start = System.nanoTime();
      try (Host client = Libp2pHost.start(HostConfig.of(Identity.generate()))) {
        Throughput.upload(client, server, MEBIBYTES);
      }
      best = Math.max(best, MEBIBYTES / ((System.nanoTime() - start) / 1e9));
    }
    return best;
  }
}
