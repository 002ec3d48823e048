package io.sluice.payments.ledger;

import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * The id of something to be done on a ledger, chosen and stored before the first try.
 *
 * @param value 1 to 64 printable ASCII characters without spaces
 */
public record IntentId(String value) {
  /** Throws {@link IllegalArgumentException} if the text is not of that form. */
  public IntentId {
    if (value.isEmpty()
        || value.length() > 64
        || !value.chars().allMatch(character -> character > ' ' && character < 0x7f)) {
      throw new IllegalArgumentException("not an intent id: " + value);
    }
  }

  /** An id that nobody else chooses. */
  public static IntentId random(SecureRandom random) {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return new IntentId(HexFormat.of().formatHex(bytes));
  }

  @Override
  public String toString() {
    return value;
  }
}
