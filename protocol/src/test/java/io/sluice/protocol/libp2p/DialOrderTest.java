package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DialOrderTest {
  private static List<String> order(String... hosts) {
    return DialOrder.of(targets(hosts)).stream()
        .map(each -> each.target().getAddress().getHostAddress())
        .toList();
  }

  private static List<InetSocketAddress> targets(String... hosts) {
    return Stream.of(hosts).map(host -> new InetSocketAddress(host, 4001)).toList();
  }

  @Test
  void givenAllKinds_thenTheNearestFirst() {
    assertEquals(
        List.of("127.0.0.1", "192.168.1.2", "198.51.100.7"),
        order("198.51.100.7", "192.168.1.2", "127.0.0.1"));
  }

  @Test
  void givenBothFamilies_thenIpv6FirstAmongTheEquallyNear() {
    assertEquals(
        List.of("10.0.0.1", "2001:db8:0:0:0:0:0:1", "198.51.100.7"),
        order("198.51.100.7", "2001:db8::1", "10.0.0.1"));
  }

  @Test
  void givenEquals_thenInTheOrderNamed() {
    assertEquals(
        List.of("198.51.100.9", "198.51.100.7", "198.51.100.8"),
        order("198.51.100.9", "198.51.100.7", "198.51.100.8"));
  }

  @Test
  void thenOnlyFarOnesGetALongHeadStart() {
    List<Duration> starts =
        DialOrder.of(targets("127.0.0.1", "fd00::1", "100.64.0.1", "198.51.100.7")).stream()
            .map(DialOrder.Ranked::headStart)
            .toList();

    assertEquals(List.of(DialOrder.NEAR, DialOrder.NEAR, DialOrder.NEAR, DialOrder.FAR), starts);
  }
}
