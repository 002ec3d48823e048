package io.sluice.node.config;

/**
 * One key of the configuration.
 *
 * @param key in kebab-case, levels divided by dots
 * @param kind what its value is
 * @param standard the value when nobody gives one, written as in the file; empty for none
 * @param range what values are allowed, in words for messages and the reference page
 * @param meaning what it does
 */
record Setting(String key, ValueKind kind, String standard, String range, String meaning) {
  /** What a value is. */
  enum ValueKind {
    /** Any text. */
    TEXT,
    /** A list of texts. */
    LIST,
    /** A whole number. */
    NUMBER,
    /** Bytes, such as {@code 64KiB}. */
    SIZE,
    /** A time, such as {@code 10m}. */
    DURATION,
    /** Money, in base units or with the coin's symbol. */
    AMOUNT,
    /** Money, at most one amount of each token; in base units or with symbols. */
    AMOUNTS;

    /** Whether it is written with a unit, or in digits of a certain form. */
    boolean isQuantity() {
      return this == SIZE || this == DURATION || this == AMOUNT || this == AMOUNTS;
    }
  }

  /** The variable of the environment that overrides the file. */
  String variable() {
    return "SLUICE_" + key.toUpperCase(java.util.Locale.ROOT).replace('.', '_').replace('-', '_');
  }
}
