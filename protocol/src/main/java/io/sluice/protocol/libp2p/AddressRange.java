package io.sluice.protocol.libp2p;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Arrays;

/**
 * The IP addresses that begin with the same bits.
 *
 * @param prefix the bits that count, the others 0; 4 or 16 bytes
 * @param bits how many of them count
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record AddressRange(byte[] prefix, int bits) {
  /** Refuses more bits than there are; clears those that do not count. */
  public AddressRange {
    if (bits < 0 || bits > prefix.length * 8) {
      throw new IllegalArgumentException(bits + " bits of " + prefix.length * 8);
    }
    prefix = masked(prefix, bits);
  }

  /**
   * Reads a range such as {@code 10.0.0.0/8}, {@code 2001:db8::/32}, or a single address.
   *
   * @throws IllegalArgumentException if it is not one
   */
  public static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    InetAddress address =
        NetUtil.createInetAddressFromIpAddressString(slash < 0 ? text : text.substring(0, slash));
    if (address == null) {
      throw new IllegalArgumentException("'" + text + "' is no range of IP addresses");
    }
    byte[] bytes = address.getAddress();
    return new AddressRange(
        bytes, slash < 0 ? bytes.length * 8 : Integer.parseInt(text.substring(slash + 1)));
  }

  /** Whether an address is one of them; an IPv4 address is never in a range of IPv6. */
  public boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == prefix.length && Arrays.equals(masked(bytes, bits), prefix);
  }

  private static byte[] masked(byte[] bytes, int bits) {
    byte[] masked = bytes.clone();
    for (int i = 0; i < masked.length; i++) {
      int counting = Math.clamp(bits - 8L * i, 0, 8);
      masked[i] &= (byte) (0xff00 >> counting);
    }
    return masked;
  }

  @Override
  public String toString() {
    return prefix.length * 8 + " bits, the first " + bits + " " + Arrays.toString(prefix);
  }
}
