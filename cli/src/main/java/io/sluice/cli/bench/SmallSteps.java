package io.sluice.cli.bench;

import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;

/**
 * How often a second this machine does, one after the other, what small deals and vouchers cannot
 * do without.
 */
final class SmallSteps {
  private static final Duration TIME = Duration.ofSeconds(1);
  private static final int RECORD = 512;

  private SmallSteps() {}

  private interface SmallStep {
    void run() throws Exception;
  }

  /** Appends of a small record to a file, each durable before the next. */
  static double durableAppends(Path file) throws Exception {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      return perSecond(
          () -> {
            channel.write(ByteBuffer.allocate(RECORD));
            channel.force(false);
          });
    }
  }

  /** Vouchers signed and their signers recovered, by one thread. */
  static double signedAndChecked(SecureRandom random) throws Exception {
    SigningKey key = SigningKey.generate(random);
    Domain domain = new Domain(1, key.address());
    Bytes32 channel = Bytes32.of(new byte[Bytes32.LENGTH]);
    long[] nonce = new long[1];
    return perSecond(
        () -> {
          Voucher voucher = new Voucher(channel, 0, ++nonce[0], TokenAmount.of(nonce[0]));
          if (!key.sign(domain, voucher).signedBy(key.address())) {
            throw new IllegalStateException("not signed by its signer: " + voucher);
          }
        });
  }

  /** Bytes to another thread over TCP and back. */
  static double roundTrips() throws Exception {
    InetAddress here = InetAddress.getLoopbackAddress();
    try (ServerSocket server = new ServerSocket(0, 1, here);
        Socket near = new Socket(here, server.getLocalPort());
        Socket far = server.accept()) {
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      Thread echo =
          Thread.ofPlatform()
              .daemon()
              .start(
                  () -> {
                    try {
                      far.getInputStream().transferTo(far.getOutputStream());
                    } catch (java.io.IOException e) {
                      // the near end is gone, as it should be
                    }
                  });
      InputStream in = near.getInputStream();
      OutputStream out = near.getOutputStream();
      byte[] record = new byte[RECORD];
      double rate =
          perSecond(
              () -> {
                out.write(record);
                in.readNBytes(record, 0, RECORD);
              });
      near.shutdownOutput();
      echo.join();
      return rate;
    }
  }

  private static double perSecond(SmallStep step) throws Exception {
    long began = Ticker.SYSTEM.nanos();
    long steps = 0;
    while (Ticker.SYSTEM.nanos() - began < TIME.toNanos()) {
      step.run();
      steps++;
    }
    return steps * 1e9 / (Ticker.SYSTEM.nanos() - began);
  }
}
