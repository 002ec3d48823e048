package io.sluice.protocol.multiformats;

import static io.sluice.protocol.ProtocolException.BAD_MULTIADDR;

import io.sluice.protocol.ProtocolException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * The protocols that a multiaddr can be made of, and the form of their values. Spec:
 * multiformats/multiaddr.
 */
enum AddressProtocol {
  IP4("ip4", 4, ValueForm.IP4),
  TCP("tcp", 6, ValueForm.PORT),
  IP6("ip6", 41, ValueForm.IP6),
  IP6ZONE("ip6zone", 42, ValueForm.TEXT),
  DNS("dns", 53, ValueForm.TEXT),
  DNS4("dns4", 54, ValueForm.TEXT),
  DNS6("dns6", 55, ValueForm.TEXT),
  DNSADDR("dnsaddr", 56, ValueForm.TEXT),
  UDP("udp", 273, ValueForm.PORT),
  WEBRTC_DIRECT("webrtc-direct", 280, ValueForm.NONE),
  WEBRTC("webrtc", 281, ValueForm.NONE),
  P2P_CIRCUIT("p2p-circuit", 290, ValueForm.NONE),
  P2P("p2p", 421, ValueForm.PEER),
  HTTPS("https", 443, ValueForm.NONE),
  TLS("tls", 448, ValueForm.NONE),
  SNI("sni", 449, ValueForm.TEXT),
  NOISE("noise", 454, ValueForm.NONE),
  QUIC("quic", 460, ValueForm.NONE),
  QUIC_V1("quic-v1", 461, ValueForm.NONE),
  WEBTRANSPORT("webtransport", 465, ValueForm.NONE),
  CERTHASH("certhash", 466, ValueForm.BASE64),
  WS("ws", 477, ValueForm.NONE),
  WSS("wss", 478, ValueForm.NONE),
  HTTP("http", 480, ValueForm.NONE);

  /** How a value is written: the length in bytes, or -1 for one that is written before it. */
  private enum ValueForm {
    NONE(0),
    PORT(2),
    IP4(4),
    IP6(16),
    TEXT(-1),
    PEER(-1),
    BASE64(-1);

    final int length;

    ValueForm(int length) {
      this.length = length;
    }
  }

  private static final int MAX_VALUE = 1024;

  final String text;
  final int code;
  private final ValueForm value;

  AddressProtocol(String text, int code, ValueForm value) {
    this.text = text;
    this.code = code;
    this.value = value;
  }

  static AddressProtocol of(String name) {
    for (AddressProtocol protocol : values()) {
      if (protocol.text.equals(name)) {
        return protocol;
      }
    }
    if (name.equals("ipfs")) {
      return P2P; // its name of old
    }
    throw new ProtocolException(BAD_MULTIADDR, "no protocol of addresses: " + shown(name));
  }

  static AddressProtocol of(long code) {
    for (AddressProtocol protocol : values()) {
      if (protocol.code == code) {
        return protocol;
      }
    }
    throw new ProtocolException(BAD_MULTIADDR, "no protocol of addresses: " + code);
  }

  boolean hasValue() {
    return value != ValueForm.NONE;
  }

  boolean lengthIsWritten() {
    return value.length < 0;
  }

  /** Reads the value at the position of the buffer, with its length where that is written. */
  byte[] read(ByteBuffer in) {
    long length = lengthIsWritten() ? Varint.read(in) : value.length;
    if (length > in.remaining() || length > MAX_VALUE) {
      throw new ProtocolException(
          BAD_MULTIADDR, text + " of " + length + " bytes, " + in.remaining() + " are left");
    }
    byte[] bytes = new byte[(int) length];
    in.get(bytes);
    return bytes;
  }

  byte[] parse(String textValue) {
    return switch (value) {
      case NONE -> new byte[0];
      case PORT -> port(textValue);
      case IP4 -> ip4(textValue);
      case IP6 -> ip6(textValue);
      case TEXT -> checkedText(textValue.getBytes(StandardCharsets.UTF_8));
      case PEER -> PeerId.parse(textValue).bytes();
      case BASE64 -> Multibase.decode(textValue);
    };
  }

  /** The text of a value; throws for bytes that are not a value of this protocol. */
  String format(byte[] bytes) {
    return switch (value) {
      case NONE -> "";
      case PORT -> Integer.toString((bytes[0] & 0xff) << 8 | (bytes[1] & 0xff));
      case IP4 ->
          (bytes[0] & 0xff)
              + "."
              + (bytes[1] & 0xff)
              + "."
              + (bytes[2] & 0xff)
              + "."
              + (bytes[3] & 0xff);
      case IP6 -> formatIp6(bytes);
      case TEXT -> new String(checkedText(bytes), StandardCharsets.UTF_8);
      case PEER -> PeerId.of(bytes).toString();
      case BASE64 -> Multibase.encode(Multibase.BASE64_URL, bytes);
    };
  }

  private static byte[] port(String text) {
    int port = -1;
    if (!text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      port = Integer.parseInt(text);
    }
    if (port < 0 || port > 0xffff) {
      throw new ProtocolException(BAD_MULTIADDR, "no port: " + shown(text));
    }
    return new byte[] {(byte) (port >> 8), (byte) port};
  }

  private static byte[] ip4(String text) {
    try {
      // Four parts only: the JDK also takes fewer.
      if (text.chars().filter(c -> c == '.').count() == 3) {
        return Inet4Address.ofLiteral(text).getAddress();
      }
    } catch (IllegalArgumentException e) {
      throw new ProtocolException(BAD_MULTIADDR, "no IPv4 address: " + shown(text), e);
    }
    throw new ProtocolException(BAD_MULTIADDR, "no IPv4 address: " + shown(text));
  }

  private static byte[] ip6(String text) {
    if (text.indexOf('%') >= 0 || text.indexOf('[') >= 0) {
      throw new ProtocolException(BAD_MULTIADDR, "no IPv6 address: " + shown(text));
    }
    InetAddress address;
    try {
      address = Inet6Address.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new ProtocolException(BAD_MULTIADDR, "no IPv6 address: " + shown(text), e);
    }
    byte[] bytes = address.getAddress();
    if (bytes.length == 4) { // the JDK unwraps mapped addresses
      byte[] mapped = new byte[16];
      mapped[10] = (byte) 0xff;
      mapped[11] = (byte) 0xff;
      System.arraycopy(bytes, 0, mapped, 12, 4);
      return mapped;
    }
    return bytes;
  }

  /** RFC 5952: lower case, no leading zeros, the first longest run of zero groups left out. */
  private static String formatIp6(byte[] bytes) {
    int bestStart = -1;
    int bestLength = 1;
    for (int i = 0; i < 8; i++) {
      int length = 0;
      while (i + length < 8 && group(bytes, i + length) == 0) {
        length++;
      }
      if (length > bestLength) {
        bestStart = i;
        bestLength = length;
      }
      i += length;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 8; i++) {
      if (i == bestStart) {
        text.append("::");
        i += bestLength - 1;
      } else {
        if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
          text.append(':');
        }
        text.append(Integer.toHexString(group(bytes, i)));
      }
    }
    return text.toString();
  }

  private static int group(byte[] bytes, int index) {
    return (bytes[2 * index] & 0xff) << 8 | (bytes[2 * index + 1] & 0xff);
  }

  private static byte[] checkedText(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      boolean plain =
          !text.isEmpty() && text.chars().noneMatch(c -> c == '/' || c <= ' ' || c == 0x7f);
      if (plain && bytes.length <= MAX_VALUE) {
        return bytes;
      }
    } catch (CharacterCodingException e) {
      throw new ProtocolException(BAD_MULTIADDR, "not text: " + shown(bytes), e);
    }
    throw new ProtocolException(BAD_MULTIADDR, "not the name of a host: " + shown(bytes));
  }

  private static String shown(byte[] bytes) {
    return HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 32));
  }

  private static String shown(String text) {
    return shown(text.getBytes(StandardCharsets.UTF_8)) + " (hex)";
  }
}
