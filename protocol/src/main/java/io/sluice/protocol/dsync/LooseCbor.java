package io.sluice.protocol.dsync;

import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Reads CBOR as the original does, from front to end: lengths may be indefinite and numbers longer
 * than they need to be, bytes may stand for text, {@code null} for an empty list or map. What is
 * not asked for is skipped. Nothing is allocated for what the input only announces.
 */
final class LooseCbor {
  private static final int UNSIGNED = 0;
  private static final int NEGATIVE = 1;
  private static final int BYTES = 2;
  private static final int TEXT = 3;
  private static final int LIST = 4;
  private static final int MAP = 5;
  private static final int TAG = 6;
  private static final int NULL = 0xf6;
  private static final int UNDEFINED = 0xf7;
  private static final int BREAK = 0xff;
  private static final int INDEFINITE = 31;
  private static final int MAX_DEPTH = 32;

  private final byte[] in;
  private int at;

  LooseCbor(byte[] in) {
    this.in = in;
  }

  /** Shows each key of a map; its value is then for the visitor to read. */
  void map(Consumer<String> visitor) {
    if (ifNull()) {
      return;
    }
    items(head(MAP, "a map"), () -> visitor.accept(text()));
  }

  /** Lets the visitor read each item of a list. */
  void list(Runnable visitor) {
    if (ifNull()) {
      return;
    }
    items(head(LIST, "a list"), visitor);
  }

  private void items(int info, Runnable item) {
    if (info == INDEFINITE) {
      while (peek() != BREAK) {
        item.run();
      }
      at++;
      return;
    }
    // The first item that is not there ends this, whatever count was announced.
    long count = argument(info);
    for (long i = 0; Long.compareUnsigned(i, count) < 0; i++) {
      item.run();
    }
  }

  /** Text, or bytes in its place. */
  String text() {
    int initial = next();
    int major = initial >> 5;
    int info = initial & 0x1f;
    if (major != TEXT && major != BYTES) {
      throw BadManifest.because("no text at byte %d of the CBOR".formatted(at - 1));
    }
    if (info != INDEFINITE) {
      return piece(info);
    }
    StringBuilder pieces = new StringBuilder();
    while (peek() != BREAK) {
      int piece = next();
      if (piece >> 5 != major || (piece & 0x1f) == INDEFINITE) {
        throw BadManifest.because("no piece of text at byte %d of the CBOR".formatted(at - 1));
      }
      pieces.append(piece(piece & 0x1f));
    }
    at++;
    return pieces.toString();
  }

  private String piece(int info) {
    int length = length(argument(info));
    String piece = new String(in, at, length, StandardCharsets.UTF_8);
    at += length;
    return piece;
  }

  /** An unsigned number of up to 64 bits. */
  long unsigned() {
    return argument(head(UNSIGNED, "a number"));
  }

  /** A number that may be an index. */
  int index() {
    long value = unsigned();
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw BadManifest.because("an index of " + Long.toUnsignedString(value));
    }
    return (int) value;
  }

  /** Passes by a null, if there is one. */
  boolean ifNull() {
    boolean found = peek() == NULL || peek() == UNDEFINED;
    if (found) {
      at++;
    }
    return found;
  }

  /** Passes by a value. */
  void skip() {
    skip(0);
  }

  private void skip(int depth) {
    if (depth > MAX_DEPTH) {
      throw BadManifest.because("more than " + MAX_DEPTH + " values inside one another");
    }
    int initial = next();
    int info = initial & 0x1f;
    switch (initial >> 5) {
      case UNSIGNED, NEGATIVE -> argument(info);
      case BYTES, TEXT -> {
        if (info == INDEFINITE) {
          items(info, () -> skip(depth + 1));
        } else {
          int length = length(argument(info));
          at += length;
        }
      }
      case LIST -> items(info, () -> skip(depth + 1));
      case MAP ->
          items(
              info,
              () -> {
                skip(depth + 1);
                skip(depth + 1);
              });
      case TAG -> {
        argument(info);
        skip(depth + 1);
      }
      default -> argument(info);
    }
  }

  private int head(int major, String what) {
    int initial = next();
    if (initial >> 5 != major) {
      throw BadManifest.because("not %s at byte %d of the CBOR".formatted(what, at - 1));
    }
    return initial & 0x1f;
  }

  private long argument(int info) {
    if (info < 24) {
      return info;
    }
    if (info > 27) {
      throw BadManifest.because("additional information %d in the CBOR".formatted(info));
    }
    int bytes = 1 << (info - 24);
    length(bytes);
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | (in[at++] & 0xff);
    }
    return value;
  }

  private int length(long length) {
    if (length < 0 || length > in.length - at) {
      throw BadManifest.because(
          "%s bytes at byte %d of the CBOR, %d are left"
              .formatted(Long.toUnsignedString(length), at, in.length - at));
    }
    return (int) length;
  }

  private int next() {
    int next = peek();
    at++;
    return next;
  }

  private int peek() {
    if (at >= in.length) {
      throw BadManifest.because("the CBOR ends early, after %d bytes".formatted(in.length));
    }
    return in[at] & 0xff;
  }
}
