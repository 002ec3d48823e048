package io.sluice.node.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantitiesTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1000, 1000",
    "64KiB, 65536",
    "64 KiB, 65536",
    "64k, 65536",
    "1M, 1048576",
    "1.5MiB, 1572864",
    "2GiB, 2147483648",
    "2g, 2147483648",
    "10GB, 10000000000",
    "10 GiB, 10737418240",
    "1.5kb, 1500",
    "3MB, 3000000",
    "2TB, 2000000000000",
    "1TiB, 1099511627776"
  })
  void readsSizes(String text, long bytes) {
    assertEquals(bytes, Quantities.size(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.3", "12Q", "KiB", "1 2", "9999999999999GiB", "0x10", "1e3"})
  void refusesWhatIsNoSize(String text) {
    Exception refusal = assertThrows(IllegalArgumentException.class, () -> Quantities.size(text));
    assertTrue(refusal.getMessage().contains("'" + text + "'"), refusal.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "90, PT90S",
    "90s, PT90S",
    "10m, PT10M",
    "24h, PT24H",
    "7d, PT168H",
    "1h30m, PT90M",
    "250ms, PT0.25S",
    "PT5M, PT5M"
  })
  void readsDurations(String text, Duration duration) {
    assertEquals(duration, Quantities.duration(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1s", "1x", "s", "1h 30m", "PT-5M", "99999999999999999999"})
  void refusesWhatIsNoDuration(String text) {
    assertThrows(IllegalArgumentException.class, () -> Quantities.duration(text));
  }

  @Test
  void showsSizes() {
    assertEquals("512 B", Quantities.show(512));
    assertEquals("1 MiB", Quantities.show(1 << 20));
    assertEquals("19.1 MiB", Quantities.show(20_003_860));
  }

  @ParameterizedTest
  @CsvSource({
    "0, block, 0 blocks",
    "1, block, 1 block",
    "2, block, 2 blocks",
    "1, entry, 1 entry",
    "3, entry, 3 entries"
  })
  void countsThings(long number, String one, String text) {
    assertEquals(text, Quantities.count(number, one));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "1023, 1023 B",
    "1024, 1 KiB",
    "1536, 1.5 KiB",
    "1048575, 1024.0 KiB",
    "1073741824, 1 GiB",
    "1099511627776, 1 TiB",
    "1125899906842624, 1024 TiB"
  })
  void showsSizesAtTheEdgesOfUnits(long bytes, String text) {
    assertEquals(text, Quantities.show(bytes));
  }

  @ParameterizedTest
  @CsvSource({
    "8589934591GiB, 9223372035781033984",
    "9223372036854775807, 9223372036854775807",
    "0.5k, 512",
    "' 7 ', 7",
    "0KiB, 0"
  })
  void readsSizesAtTheEdges(String text, long bytes) {
    assertEquals(bytes, Quantities.size(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"8589934592GiB", "9223372036854775808", "1.5", "0.0001k", "1,5k", "k"})
  void refusesSizesThatAreNotWholeOrTooLarge(String text) {
    assertThrows(IllegalArgumentException.class, () -> Quantities.size(text));
  }

  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "0s, PT0S",
    "1d1h1m1s1ms, PT25H1M1.001S",
    "2h2h, PT4H",
    "' 5M ', PT5M",
    "PT0S, PT0S",
    "P1D, PT24H"
  })
  void readsDurationsOfManyParts(String text, Duration duration) {
    assertEquals(duration, Quantities.duration(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1h30", "h1", "1.5h", "1w", "PT", "9223372036854775807d"})
  void refusesDurationsThatAreNotWhole(String text) {
    Exception refusal =
        assertThrows(IllegalArgumentException.class, () -> Quantities.duration(text));
    assertEquals(
        "'%s' is not a valid duration; expected such as 90s, 10m, 24h or 7d".formatted(text),
        refusal.getMessage());
  }
}
