package io.sluice.protocol.libp2p;

import io.netty.util.NetUtil;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.Multiaddr.Component;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Between multiaddrs and the sockets of this machine, for what this host can use of them: plain
 * TCP.
 */
final class TcpAddress {
  private TcpAddress() {}

  static Multiaddr of(InetSocketAddress socket) {
    return of(socket.getAddress(), socket.getPort());
  }

  private static Multiaddr of(InetAddress address, int port) {
    String kind = address instanceof Inet4Address ? "ip4" : "ip6";
    return Multiaddr.parse("/" + kind + "/" + NetUtil.toAddressString(address) + "/tcp/" + port);
  }

  /** Whether this host could dial such an address; it may still not resolve. */
  static boolean dialable(Multiaddr address) {
    List<Component> parts = address.withoutPeer().components();
    return parts.size() == 2
        && switch (parts.getFirst().protocol()) {
          case "ip4", "ip6", "dns", "dns4", "dns6" -> true;
          default -> false;
        }
        && parts.getLast().protocol().equals("tcp");
  }

  /**
   * The sockets an address stands for. Asks the name service, which blocks.
   *
   * @throws UnreachableException if it cannot be dialled, or the name is unknown
   */
  static List<InetSocketAddress> resolve(Multiaddr address) throws UnreachableException {
    if (!dialable(address)) {
      throw new UnreachableException("cannot dial " + address + ": only plain TCP is spoken here");
    }
    List<Component> parts = address.components();
    String kind = parts.getFirst().protocol();
    String host = parts.getFirst().value();
    int port = Integer.parseInt(parts.get(1).value());
    InetAddress[] all;
    try {
      all = InetAddress.getAllByName(host);
    } catch (UnknownHostException unknown) {
      throw new UnreachableException("no such host: " + host, unknown);
    }
    List<InetSocketAddress> sockets =
        Arrays.stream(all)
            .filter(each -> !kind.equals("dns4") || each instanceof Inet4Address)
            .filter(each -> !kind.equals("dns6") || each instanceof Inet6Address)
            .filter(each -> !each.isAnyLocalAddress())
            .map(each -> new InetSocketAddress(each, port))
            .toList();
    if (sockets.isEmpty() || port == 0) {
      throw new UnreachableException("nothing to dial at " + address);
    }
    return sockets;
  }

  /**
   * What a bound socket can be reached by: itself, or for a wildcard each address of this machine.
   */
  static List<Multiaddr> reachable(InetSocketAddress bound) {
    if (!bound.getAddress().isAnyLocalAddress()) {
      return List.of(of(bound));
    }
    boolean ip4 = bound.getAddress() instanceof Inet4Address;
    List<Multiaddr> found = new ArrayList<>();
    try {
      for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
        if (each.isUp()) {
          each.inetAddresses()
              .filter(
                  address ->
                      ip4 == address instanceof Inet4Address && !address.isLinkLocalAddress())
              .forEach(address -> found.add(of(address, bound.getPort())));
        }
      }
    } catch (SocketException unknown) {
      found.clear();
    }
    return found.isEmpty() ? List.of(of(bound)) : found;
  }

  /**
   * Whether an address that a peer told us is one that peer may have us dial: an IP address, and no
   * more private than the one it talks to us from.
   *
   * @param teller where the peer is
   */
  static boolean trustworthy(Multiaddr told, InetAddress teller) {
    if (!dialable(told)) {
      return false;
    }
    InetAddress address =
        NetUtil.createInetAddressFromIpAddressString(told.components().getFirst().value());
    if (address == null // a name: it could mean anything
        || address.isAnyLocalAddress()
        || address.isMulticastAddress()
        || address.isLinkLocalAddress()) {
      return false;
    }
    return privacy(address) <= privacy(teller);
  }

  /** 0 for the whole internet, 1 for a network of one's own, 2 for this machine. */
  static int privacy(InetAddress address) {
    if (address.isLoopbackAddress()) {
      return 2;
    }
    byte[] bytes = address.getAddress();
    boolean uniqueLocal = bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
    boolean carrierShared = bytes.length == 4 && bytes[0] == 100 && (bytes[1] & 0xc0) == 64;
    return address.isSiteLocalAddress() || uniqueLocal || carrierShared ? 1 : 0;
  }

  /**
   * What connections are counted by: an IPv4 address, or the 56 bits of IPv6 that one customer
   * gets.
   */
  static String countedAs(InetAddress address) {
    byte[] bytes = address.getAddress();
    return NetUtil.toAddressString(address instanceof Inet4Address ? address : prefix56(bytes));
  }

  private static InetAddress prefix56(byte[] bytes) {
    byte[] prefix = bytes.clone();
    Arrays.fill(prefix, 7, 16, (byte) 0);
    try {
      return InetAddress.getByAddress(prefix);
    } catch (UnknownHostException never) {
      throw new IllegalStateException("sixteen bytes are an address", never);
    }
  }
}
