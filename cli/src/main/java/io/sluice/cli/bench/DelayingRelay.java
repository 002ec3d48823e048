package io.sluice.cli.bench;

import io.sluice.protocol.Ticker;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;

/**
 * A long wire on a short machine: hands on what comes over TCP, each byte as much later as the way
 * is long, and as fast as it came. What it takes to open a connection is not delayed: the far end
 * answers for itself before the relay's own connection stands. It counts what it carries.
 */
final class DelayingRelay implements Closeable {
  private static final int READ = 128 << 10;

  /** Bytes on their way in one direction: what a wire of 800 MiB/s holds in 40 ms. */
  private static final int IN_FLIGHT = 32 << 20;

  private final ServerSocket server;
  private final int target;
  private final long delayNanos;
  private final LongAdder carried = new LongAdder();
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  private DelayingRelay(ServerSocket server, int target, Duration delay) {
    this.server = server;
    this.target = target;
    this.delayNanos = delay.toNanos();
  }

  /** Starts one to a port of this machine, so long for one way. */
  static DelayingRelay to(int port, Duration delay) throws IOException {
    ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    DelayingRelay relay = new DelayingRelay(server, port, delay);
    Thread.ofVirtual().start(relay::accept);
    return relay;
  }

  int port() {
    return server.getLocalPort();
  }

  /** Bytes so far, both ways. */
  long carried() {
    return carried.sum();
  }

  @SuppressWarnings("resource") // closed with the relay, or when one side ends
  private void accept() {
    try {
      while (true) {
        Socket near = server.accept();
        sockets.add(near);
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(far);
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
        new Way(near, far).start();
        new Way(far, near).start();
      }
    } catch (IOException e) {
      close(); // by itself already, or the target is gone, and who connects sees that
    }
  }

  @Override
  public void close() {
    quietly(server);
    sockets.forEach(DelayingRelay::quietly);
  }

  private static void quietly(Closeable open) {
    try {
      open.close();
    } catch (IOException e) {
      // nobody uses it any more
    }
  }

  /** Bytes that are there when their time has come; none mark the end. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Parcel(byte[] bytes, long due) {}

  /** One direction of a connection. */
  private final class Way {
    private final Socket from;
    private final Socket to;
    private final LinkedBlockingQueue<Parcel> parcels = new LinkedBlockingQueue<>();
    private final Semaphore room = new Semaphore(IN_FLIGHT);

    Way(Socket from, Socket to) {
      this.from = from;
      this.to = to;
    }

    void start() {
      Thread.ofVirtual().start(() -> carry(this::take));
      Thread.ofVirtual().start(() -> carry(this::give));
    }

    private void carry(Carrying half) {
      try {
        half.run();
      } catch (IOException e) {
        quietly(from);
        quietly(to);
        room.release(IN_FLIGHT); // for the other half, to end as well
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    private void take() throws IOException, InterruptedException {
      InputStream in = from.getInputStream();
      byte[] buffer = new byte[READ];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        room.acquire(read);
        carried.add(read);
        parcels.add(new Parcel(Arrays.copyOf(buffer, read), Ticker.SYSTEM.nanos() + delayNanos));
      }
      parcels.add(new Parcel(new byte[0], Ticker.SYSTEM.nanos() + delayNanos));
    }

    private void give() throws IOException, InterruptedException {
      OutputStream out = to.getOutputStream();
      for (Parcel next = parcels.take(); next.bytes().length > 0; next = parcels.take()) {
        await(next.due());
        out.write(next.bytes());
        room.release(next.bytes().length);
      }
      to.shutdownOutput();
    }

    private static void await(long due) throws InterruptedException {
      long left = due - Ticker.SYSTEM.nanos();
      if (left > 0) {
        Thread.sleep(Duration.ofNanos(left));
      }
    }
  }

  /** Half of a way. */
  private interface Carrying {
    void run() throws IOException, InterruptedException;
  }
}
