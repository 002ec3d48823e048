package io.sluice.payments;

import static io.sluice.payments.Samples.DOMAIN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A change is made once, and only when its record is durable. */
class PreparedTest {
  private static final PaymentRecord RECORD =
      new PaymentRecord.DealLeft(new DealRef("c-1 on " + DOMAIN), false);

  private final List<String> seen = new ArrayList<>();

  private Prepared<String> change(Optional<PaymentRecord> record) {
    return new Prepared<>("it", record, () -> seen.add("made"), () -> seen.add("forgotten"));
  }

  @Test
  void written_thenMade() throws IOException {
    assertEquals(Optional.of(RECORD), change(Optional.of(RECORD)).record());

    assertEquals("it", change(Optional.of(RECORD)).writeTo(record -> seen.add(record.kind())));

    assertEquals(List.of("deal-left", "made"), seen);
  }

  @Test
  void nothingToWrite_made() throws IOException {
    change(Optional.empty()).writeTo(record -> seen.add(record.kind()));

    assertEquals(List.of("made"), seen);
    assertEquals("it", Prepared.unchanged("it").value());
    assertEquals(Optional.empty(), Prepared.unchanged("it").record());
  }

  @Test
  void notWritten_forgotten() {
    IOException full = new IOException("disk full");

    assertEquals(
        full,
        assertThrows(
            IOException.class,
            () ->
                change(Optional.of(RECORD))
                    .writeTo(
                        record -> {
                          throw full;
                        })));

    assertEquals(List.of("forgotten"), seen);
  }

  @Test
  void doneOnce_nothingDoesItAgain() {
    Prepared<String> made = change(Optional.empty());
    made.commit();
    made.commit();
    made.release();
    assertEquals(List.of("made"), seen);
    seen.clear();

    Prepared<String> forgotten = change(Optional.empty());
    forgotten.release();
    forgotten.release();
    forgotten.commit();
    assertEquals(List.of("forgotten"), seen);
  }

  @Test
  void andThen_atTheEndWhicheverItIs() {
    change(Optional.of(RECORD)).andThen(() -> seen.add("then")).commit();
    change(Optional.of(RECORD)).andThen(() -> seen.add("then")).release();

    assertEquals(List.of("made", "then", "forgotten", "then"), seen);
    assertEquals(Optional.of(RECORD), change(Optional.of(RECORD)).andThen(() -> {}).record());
  }
}
