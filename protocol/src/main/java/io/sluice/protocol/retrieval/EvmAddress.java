package io.sluice.protocol.retrieval;

import io.sluice.protocol.ProtocolException;
import java.util.HexFormat;
import java.util.Locale;

/** A 20-byte account or contract address of an EVM chain; compared as bytes, never as text. */
public final class EvmAddress extends FixedBytes implements Comparable<EvmAddress> {
  /** Length in bytes. */
  public static final int LENGTH = 20;

  /** The zero address: as a token it means the chain's native coin. */
  public static final EvmAddress ZERO = new EvmAddress(new byte[LENGTH]);

  private EvmAddress(byte[] bytes) {
    super(bytes);
  }

  /** Copies the bytes; {@code BAD_ADDRESS} unless there are exactly 20. */
  public static EvmAddress of(byte[] bytes) {
    if (bytes.length != LENGTH) {
      throw new ProtocolException("BAD_ADDRESS", "address of " + bytes.length + " bytes, not 20");
    }
    return new EvmAddress(bytes.clone());
  }

  /** Reads {@code 0x} and 40 hex digits of any case; {@code BAD_ADDRESS} otherwise. */
  public static EvmAddress parse(String text) {
    if (text.length() != 2 + 2 * LENGTH || !text.startsWith("0x")) {
      throw new ProtocolException("BAD_ADDRESS", "not 0x and 40 hex digits: " + text);
    }
    try {
      return new EvmAddress(HexFormat.of().parseHex(text.substring(2).toLowerCase(Locale.ROOT)));
    } catch (IllegalArgumentException e) {
      throw new ProtocolException("BAD_ADDRESS", "not 0x and 40 hex digits: " + text);
    }
  }

  /** Whether every byte is zero. */
  public boolean isZero() {
    return equals(ZERO);
  }

  @Override
  public int compareTo(EvmAddress other) {
    return compareBytes(other);
  }
}
