package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.Samples;
import io.sluice.payments.ledger.Cursor;
import io.sluice.payments.ledger.evm.LogCursor.BlockName;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogCursorTest {
  private static BlockName block(long number) {
    return new BlockName(number, Samples.hash((int) (number % 251)));
  }

  @Test
  void text_givesTheSameCursor() {
    LogCursor cursor = new LogCursor(3, List.of(block(9), block(7), block(2)));

    assertEquals(cursor, LogCursor.parse(cursor.cursor()));
    LogCursor whole = new LogCursor(LogCursor.ALL, List.of(block(0)));
    assertEquals(whole, LogCursor.parse(whole.cursor()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "1;", "1;2", "1;2:0x00", "x;2:0x00", "-2;1:", ";;;"})
  void anyOtherText_isNone(String text) {
    assertThrows(IllegalArgumentException.class, () -> LogCursor.parse(new Cursor(text)));
  }

  /** However long it goes on: few blocks, and always one about twice as far back as needed. */
  @Test
  void moved_remembersFewBlocks_everFartherBack() {
    LogCursor cursor = new LogCursor(LogCursor.ALL, List.of(block(0)));
    for (long number = 1; number <= 10_000; number++) {
      cursor = cursor.movedTo(block(number), LogCursor.ALL);
    }

    assertTrue(cursor.blocks().size() <= 15, cursor.toString());
    assertEquals(block(10_000), cursor.newest());
    for (long depth : new long[] {1, 5, 40, 1000}) {
      boolean covered =
          cursor.blocks().stream()
              .anyMatch(b -> b.number() <= 10_000 - depth && b.number() >= 10_000 - 4 * depth);
      assertTrue(covered, "a chain that changed " + depth + " deep: " + cursor);
    }
    assertEquals(cursor, LogCursor.parse(cursor.cursor()));
  }

  @Test
  void movedWithinABlock_oneOfThatNumber() {
    LogCursor cursor = new LogCursor(LogCursor.ALL, List.of(block(4)));

    LogCursor inside = cursor.movedTo(block(5), 1).movedTo(block(5), 2);

    assertEquals(new LogCursor(2, List.of(block(5), block(4))), inside);
    assertEquals(new LogCursor(LogCursor.ALL, List.of(block(4))), inside.backTo(1));
  }
}
