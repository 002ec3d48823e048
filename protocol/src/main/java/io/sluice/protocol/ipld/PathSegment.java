package io.sluice.protocol.ipld;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One step of a path: the key of a map entry, or the index of a list item. Either can be asked for
 * as the other.
 */
final class PathSegment {
  /** What {@link #index()} says of a key that is not a number. */
  static final long NO_INDEX = -1;

  private Node.@Nullable Text text;
  private final long index;

  private PathSegment(Node.@Nullable Text text, long index) {
    this.text = text;
    this.index = index;
  }

  static PathSegment of(Node.Text key) {
    return new PathSegment(key, Long.MIN_VALUE);
  }

  static PathSegment of(long index) {
    return new PathSegment(null, index);
  }

  /** The key, or the index in decimal digits. */
  Node.Text text() {
    Node.Text known = text;
    if (known == null) {
      known = Node.Text.of(Long.toString(index));
      text = known;
    }
    return known;
  }

  /** The index, or the key read as one; {@link #NO_INDEX} or less if it is not one. */
  long index() {
    return index == Long.MIN_VALUE ? parse(text().raw()) : index;
  }

  private static long parse(byte[] digits) {
    if (digits.length == 0 || digits.length > 18) {
      return NO_INDEX;
    }
    for (byte digit : digits) {
      if (digit < '0' || digit > '9') {
        return NO_INDEX;
      }
    }
    return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
  }

  @Override
  public String toString() {
    return text().string();
  }
}
