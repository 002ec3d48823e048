package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.multiformats.Multiaddr;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TcpAddressTest {

  @ParameterizedTest
  @CsvSource({
    "/ip4/8.8.8.8/tcp/4001, 1.1.1.1, true",
    "/ip4/8.8.8.8/tcp/4001, 127.0.0.1, true",
    "/ip4/127.0.0.1/tcp/4001, 127.0.0.1, true",
    "/ip4/127.0.0.1/tcp/4001, 10.0.0.7, false",
    "/ip4/10.0.0.1/tcp/4001, 192.168.1.1, true",
    "/ip4/10.0.0.1/tcp/4001, 1.1.1.1, false",
    "/ip4/100.64.0.1/tcp/4001, 1.1.1.1, false",
    "/ip4/169.254.169.254/tcp/80, 127.0.0.1, false",
    "/ip4/0.0.0.0/tcp/4001, 127.0.0.1, false",
    "/ip6/::1/tcp/4001, 2001:db8::1, false",
    "/ip6/fd00::1/tcp/4001, 2001:db8::1, false",
    "/ip6/fd00::1/tcp/4001, fd00::2, true",
    "/dns4/localhost/tcp/4001, 1.1.1.1, false",
    "/ip4/8.8.8.8/udp/4001/quic-v1, 1.1.1.1, false"
  })
  void givenAddressFromAPeer_thenTrustedAsFarAsItIsNoMorePrivate(
      String told, String teller, boolean trusted) throws UnknownHostException {
    assertEquals(
        trusted, TcpAddress.trustworthy(Multiaddr.parse(told), InetAddress.getByName(teller)));
  }

  @ParameterizedTest
  @CsvSource({
    "1.2.3.4, 1.2.3.4",
    "2001:db8:aaaa:bb12:3456::1, 2001:db8:aaaa:bb00::",
    "2001:db8:aaaa:bbff:ffff::9, 2001:db8:aaaa:bb00::"
  })
  void givenAddress_thenCountedByCustomer(String address, String counted)
      throws UnknownHostException {
    assertEquals(counted, TcpAddress.countedAs(InetAddress.getByName(address)));
  }

  @Test
  void givenNothingToDial_thenTyped() {
    assertThrows(
        UnreachableException.class,
        () -> TcpAddress.resolve(Multiaddr.parse("/ip4/0.0.0.0/tcp/1")));
    assertThrows(
        UnreachableException.class,
        () -> TcpAddress.resolve(Multiaddr.parse("/ip4/127.0.0.1/tcp/0")));
    assertThrows(
        UnreachableException.class,
        () -> TcpAddress.resolve(Multiaddr.parse("/ip6/::1/udp/1/quic-v1")));
  }
}
