package io.sluice.cli.bench;

import io.sluice.protocol.Ticker;
import java.security.MessageDigest;

/** SHA-256 on one core. */
final class HashAlone implements Yardstick {
  private static final int PIECE = 1 << 20;

  @Override
  public String name() {
    return "SHA-256, one core";
  }

  @Override
  public long nanos(long bytes) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] piece = new byte[PIECE];
    long began = Ticker.SYSTEM.nanos();
    for (long left = bytes; left > 0; left -= PIECE) {
      digest.update(piece, 0, (int) Math.min(left, PIECE));
    }
    digest.digest();
    return Ticker.SYSTEM.nanos() - began;
  }
}
