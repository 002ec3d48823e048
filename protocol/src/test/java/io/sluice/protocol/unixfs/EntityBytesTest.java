package io.sluice.protocol.unixfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Selectors;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntityBytesTest {
  @ParameterizedTest
  @CsvSource({
    "0:*, 100, 0, 100",
    "0:0, 100, 0, 1",
    "10:20, 100, 10, 21",
    "10:99, 100, 10, 100",
    "10:1000, 100, 10, 100",
    "0:-1, 100, 0, 100",
    "0:-2, 100, 0, 99",
    "-10:*, 100, 90, 100",
    "-10:-1, 100, 90, 100",
    "-10:-9, 100, 90, 92",
    "-1000:*, 100, 0, 100",
    "-1000:-95, 100, 0, 6",
    // from the end and from the beginning: which comes first only the file tells
    "-10:95, 100, 90, 96",
    "-10:50, 100, 90, 90",
    "60:-60, 100, 60, 60",
    // behind the end there is nothing
    "100:*, 100, 100, 100",
    "200:300, 100, 100, 100",
    "0:*, 0, 0, 0",
    "-5:-1, 0, 0, 0",
    "0:9223372036854775807, 100, 0, 100",
    "-9223372036854775808:*, 100, 0, 100",
    "0:-9223372036854775808, 100, 0, 0",
  })
  void stretchesOfFiles(String text, long size, long from, long to) {
    assertEquals(new ByteRange(from, to), EntityBytes.parse(text).within(size));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "5",
        "5:",
        ":5",
        "*:5",
        "*:*",
        "1:2:3",
        "1-2",
        " 1:2",
        "1:2 ",
        "a:b",
        "+1:2",
        "2:1",
        "-1:-2",
        "0:9223372036854775808",
        "0x1:2",
        "--1:2"
      })
  void whatIsNoStretchIsRefused(String text) {
    ProtocolException refused =
        assertThrows(ProtocolException.class, () -> EntityBytes.parse(text));

    assertEquals(EntityBytes.BAD_RANGE, refused.code());
  }

  /** The selector's end is excluded, and -1 has no successor that would mean the end. */
  @ParameterizedTest
  @CsvSource({
    "10:20, 10, 21",
    "0:*, 0, 9223372036854775807",
    "-5:-1, -5, 9223372036854775807",
    "-5:-3, -5, -2",
  })
  void selectorsHaveTheEndBehindTheLastByte(String text, long from, long to) {
    assertEquals(
        Selectors.unixfsBytes(List.of("a"), from, to),
        EntityBytes.parse(text).selector(List.of("a")));
  }
}
