package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRangeTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.1, false",
    "192.0.2.77/25, 192.0.2.127, true", // bits that do not count may be set
    "192.0.2.77/25, 192.0.2.128, false",
    "0.0.0.0/0, 203.0.113.9, true",
    "203.0.113.9, 203.0.113.9, true",
    "203.0.113.9, 203.0.113.8, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "::/0, 203.0.113.9, false",
  })
  void contains(String range, String address, boolean within) {
    assertEquals(within, AddressRange.parse(range).contains(InetAddress.ofLiteral(address)), range);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "example.com", "::1/129"})
  void refused(String text) {
    assertThrows(IllegalArgumentException.class, () -> AddressRange.parse(text));
  }
}
