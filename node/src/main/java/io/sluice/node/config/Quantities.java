package io.sluice.node.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads sizes and durations as people write them, on the command line and in files. */
public final class Quantities {
  private static final Pattern FORM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)\\s*([A-Za-z]*)");
  private static final Pattern PART = Pattern.compile("([0-9]+)(ms|s|m|h|d)");
  private static final Pattern WHOLE = Pattern.compile("[0-9]{1,39}");

  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("", 1L),
          Map.entry("b", 1L),
          Map.entry("k", 1L << 10),
          Map.entry("kib", 1L << 10),
          Map.entry("kb", 1_000L),
          Map.entry("m", 1L << 20),
          Map.entry("mib", 1L << 20),
          Map.entry("mb", 1_000_000L),
          Map.entry("g", 1L << 30),
          Map.entry("gib", 1L << 30),
          Map.entry("gb", 1_000_000_000L),
          Map.entry("t", 1L << 40),
          Map.entry("tib", 1L << 40),
          Map.entry("tb", 1_000_000_000_000L));

  private Quantities() {}

  /**
   * Reads a number of bytes: digits, perhaps with KiB, MiB, GiB or TiB, powers of 1024 (K, M, G and
   * T mean the same), or with KB, MB, GB or TB, powers of 1000.
   *
   * @throws IllegalArgumentException with a message for a person
   */
  public static long size(String text) {
    Matcher matcher = FORM.matcher(text.strip());
    Long unit = matcher.matches() ? UNITS.get(matcher.group(2).toLowerCase(Locale.ROOT)) : null;
    if (unit == null) {
      throw notA(
          "size",
          text,
          "a number with KiB, MiB, GiB or TiB (powers of 1024) or KB, MB, GB or TB (powers of"
              + " 1000), such as 64KiB");
    }
    try {
      String number = matcher.group(1);
      return number.contains(".")
          ? new BigDecimal(number).multiply(BigDecimal.valueOf(unit)).longValueExact()
          : Math.multiplyExact(Long.parseLong(number), unit); // BigDecimal takes 30 ms to load
    } catch (ArithmeticException | NumberFormatException e) {
      throw notA("size", text, "a whole number of bytes below 8 EiB");
    }
  }

  /**
   * Reads a duration: parts with ms, s, m, h or d, such as {@code 1h30m}; a bare number counts
   * seconds; {@code PT…} of ISO 8601 is taken too.
   *
   * @throws IllegalArgumentException with a message for a person
   */
  public static Duration duration(String text) {
    String bare = text.strip().toLowerCase(Locale.ROOT);
    try {
      if (bare.startsWith("p")) {
        return positive(Duration.parse(bare), text);
      }
      if (WHOLE.matcher(bare).matches()) {
        return Duration.ofSeconds(Long.parseLong(bare));
      }
      return parts(bare, text);
    } catch (java.time.DateTimeException | ArithmeticException | NumberFormatException e) {
      throw notA("duration", text, "such as 90s, 10m, 24h or 7d");
    }
  }

  private static Duration parts(String bare, String text) {
    Matcher matcher = PART.matcher(bare);
    Duration sum = Duration.ZERO;
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      long number = Long.parseLong(matcher.group(1));
      sum =
          sum.plus(
              switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
              });
      end = matcher.end();
    }
    if (end == 0 || end != bare.length()) {
      throw notA("duration", text, "such as 90s, 10m, 24h or 7d");
    }
    return sum;
  }

  private static Duration positive(Duration duration, String text) {
    if (duration.isNegative()) {
      throw notA("duration", text, "not below zero");
    }
    return duration;
  }

  /** A number of things as a person reads it, such as {@code 1 block} or {@code 2 blocks}. */
  public static String count(long number, String one) {
    String many = one.endsWith("y") ? one.substring(0, one.length() - 1) + "ies" : one + "s";
    return number + " " + (number == 1 ? one : many);
  }

  /** A size as a person reads it, such as {@code 1.5 MiB}. */
  public static String show(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double value = bytes;
    String[] units = {"KiB", "MiB", "GiB", "TiB"};
    int unit = -1;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(
        Locale.ROOT, value == Math.rint(value) ? "%.0f %s" : "%.1f %s", value, units[unit]);
  }

  private static IllegalArgumentException notA(String what, String text, String expected) {
    return new IllegalArgumentException(
        "'%s' is not a valid %s; expected %s".formatted(text, what, expected));
  }
}
