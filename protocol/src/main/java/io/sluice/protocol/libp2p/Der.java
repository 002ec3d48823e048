package io.sluice.protocol.libp2p;

import io.sluice.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * As much of ASN.1 DER as a libp2p certificate needs. Written by hand because the certificates of
 * js and rust peers name no issuer, which general X.509 parsers refuse.
 */
final class Der {
  static final int BOOLEAN = 0x01;
  static final int INTEGER = 0x02;
  static final int BIT_STRING = 0x03;
  static final int OCTET_STRING = 0x04;
  static final int OID = 0x06;
  static final int PRINTABLE_STRING = 0x13;
  static final int UTC_TIME = 0x17;
  static final int GENERALIZED_TIME = 0x18;
  static final int SEQUENCE = 0x30;
  static final int SET = 0x31;

  /** The context-specific constructed tag of this number. */
  static int context(int number) {
    return 0xa0 | number;
  }

  /** One element: the tag, the length, and the parts one after the other. */
  static byte[] element(int tag, byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + 6);
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else {
      int octets = (Integer.SIZE - Integer.numberOfLeadingZeros(length) + 7) / 8;
      out.write(0x80 | octets);
      for (int shift = (octets - 1) * 8; shift >= 0; shift -= 8) {
        out.write(length >>> shift);
      }
    }
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private Der() {}

  /**
   * Reads elements one after the other from a range of bytes; each can be entered, taken whole, or
   * left.
   */
  static final class DerReader {
    private final byte[] in;
    private int at;
    private final int end;

    DerReader(byte[] in) {
      this(in, 0, in.length);
    }

    private DerReader(byte[] in, int from, int to) {
      this.in = in;
      this.at = from;
      this.end = to;
    }

    boolean atEnd() {
      return at == end;
    }

    /** The tag of the next element, −1 at the end. */
    int peek() {
      return at == end ? -1 : in[at] & 0xff;
    }

    /** The content of the next element, which must have this tag. */
    DerReader enter(int tag) {
      if (peek() != tag) {
        throw malformed(
            "tag "
                + Integer.toHexString(tag)
                + " expected, "
                + Integer.toHexString(peek())
                + " found");
      }
      at++;
      int length = length();
      DerReader content = new DerReader(in, at, at + length);
      at += length;
      return content;
    }

    /** The next element whole, with tag and length. */
    byte[] whole() {
      int from = at;
      skip();
      return Arrays.copyOfRange(in, from, at);
    }

    void skip() {
      int tag = peek();
      if (tag < 0) {
        throw malformed("element missing");
      }
      enter(tag);
    }

    /** All that is left, as bytes. */
    byte[] rest() {
      byte[] rest = Arrays.copyOfRange(in, at, end);
      at = end;
      return rest;
    }

    void expectEnd() {
      if (!atEnd()) {
        throw malformed((end - at) + " bytes too many");
      }
    }

    private int length() {
      int first = octet();
      long length = first;
      if (first >= 0x80) {
        int octets = first & 0x7f;
        if (octets == 0 || octets > 3) {
          throw malformed("length in " + octets + " octets");
        }
        length = 0;
        for (int i = 0; i < octets; i++) {
          length = (length << 8) | octet();
        }
      }
      if (length > end - at) {
        throw new ProtocolException(
            "DECODE_TRUNCATED", "certificate element of " + length + " bytes in " + (end - at));
      }
      return (int) length;
    }

    private int octet() {
      if (at == end) {
        throw new ProtocolException("DECODE_TRUNCATED", "certificate ends inside a length");
      }
      return in[at++] & 0xff;
    }

    private static ProtocolException malformed(String what) {
      return new ProtocolException("DECODE_MALFORMED", "certificate: " + what);
    }
  }
}
