package io.sluice.protocol.retrieval;

import io.sluice.protocol.ProtocolException;
import java.util.HexFormat;

/** A 32-byte hash or id, such as a payment channel's id. */
public final class Bytes32 extends FixedBytes implements Comparable<Bytes32> {
  /** Length in bytes. */
  public static final int LENGTH = 32;

  private Bytes32(byte[] bytes) {
    super(bytes);
  }

  /** Copies the bytes; {@code BAD_HASH} unless there are exactly 32. */
  public static Bytes32 of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new ProtocolException("BAD_HASH", "hash of " + bytes.length + " bytes, not 32");
    }
    return new Bytes32(bytes.clone());
  }

  /** Reads 64 hex digits, with or without {@code 0x}; {@code BAD_HASH} otherwise. */
  public static Bytes32 parse(String text) {
    String digits = text.startsWith("0x") ? text.substring(2) : text;
    try {
      return of(HexFormat.of().parseHex(digits));
    } catch (IllegalArgumentException e) {
      throw new ProtocolException("BAD_HASH", "not 64 hex digits: " + text);
    }
  }

  @Override
  public int compareTo(Bytes32 other) {
    return compareBytes(other);
  }
}
