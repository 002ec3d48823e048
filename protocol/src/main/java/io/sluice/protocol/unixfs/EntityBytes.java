package io.sluice.protocol.unixfs;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.ipld.Selectors;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A stretch of a file by its first and its last byte, counted from 0; negative numbers count from
 * the end of the file, where -1 is the last byte. What lies behind the end is left out. Spec:
 * trustless gateway, {@code entity-bytes}.
 *
 * @param first the first byte
 * @param last the last byte, included; absent for the rest of the file
 */
public record EntityBytes(long first, OptionalLong last) {
  /** The code of a text that is no stretch. */
  public static final String BAD_RANGE = "BAD_RANGE";

  private static final Pattern FORM = Pattern.compile("(-?[0-9]{1,19}):(-?[0-9]{1,19}|\\*)");

  /**
   * Checks what can be known without the file.
   *
   * @throws ProtocolException {@code BAD_RANGE} if it ends before it begins, whatever the file
   */
  public EntityBytes {
    if (last.isPresent() && first < 0 == last.getAsLong() < 0 && first > last.getAsLong()) {
      throw new ProtocolException(
          BAD_RANGE, "the range %d:%d ends before it begins".formatted(first, last.getAsLong()));
    }
  }

  /**
   * Reads {@code FROM:TO}, where TO may be {@code *}.
   *
   * @throws ProtocolException {@code BAD_RANGE}
   */
  public static EntityBytes parse(String text) {
    Matcher parts = FORM.matcher(text);
    try {
      if (parts.matches()) {
        String last = parts.group(2);
        return new EntityBytes(
            Long.parseLong(parts.group(1)),
            last.equals("*") ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(last)));
      }
    } catch (NumberFormatException e) {
      // Told below: more than a file can have.
    }
    throw new ProtocolException(
        BAD_RANGE,
        "'%s' is not a range of bytes: FROM:TO, both included, negative from the end, TO may be *"
            .formatted(text));
  }

  /** What a provider is asked for; of a directory, which has no bytes, its list of entries. */
  public Selector selector(List<String> path) {
    return Selectors.unixfsBytes(path, first, end());
  }

  /** The stretch of a file of that size, in bytes. */
  ByteRange within(long size) {
    long from = Math.min(first < 0 ? Math.max(0, size + first) : first, size);
    long to = end() < 0 ? size + end() : Math.min(end(), size);
    return new ByteRange(from, Math.max(from, to));
  }

  /** The byte behind the last one, as selectors have it: negative from the end. */
  private long end() {
    long included = last.orElse(-1);
    return included == -1 || included == Long.MAX_VALUE ? Long.MAX_VALUE : included + 1;
  }
}
