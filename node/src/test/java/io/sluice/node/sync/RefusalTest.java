package io.sluice.node.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RefusalTest {
  private static Refusal refusal(int status, String text) throws Exception {
    return Refusal.of(status, new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
  }

  @ParameterizedTest
  @CsvSource({
    "400, true, no, REFUSED",
    "401, true, no, REFUSED",
    "402, true, 2 units a MiB, REFUSED",
    "404, false, no, NOT_FOUND",
    "413, false, no, REFUSED",
    "500, true, merkledag: not found, NOT_FOUND",
    "500, false, merkledag: not found, REFUSED",
    "500, true, no, REFUSED",
  })
  void aNoIsANo(int status, boolean reading, String text, String code) throws Exception {
    DsyncUrl url = DsyncUrl.parse("http://there");
    assertEquals(code, refusal(status, text).error(url, reading).code().name());
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 502, 503, 504})
  void whatIsOfTheMomentIsForAnotherTry(int status) throws Exception {
    DsyncUrl url = DsyncUrl.parse("http://there");
    Refusal refusal = refusal(status, "later");
    assertThrows(Refusal.TryLaterException.class, () -> refusal.error(url, true));
  }

  @Test
  void whatIsShownIsShortAndDoesNothingToATerminal() throws Exception {
    Refusal refusal = refusal(400, "\u001b[2Jno\r\nnever" + "x".repeat(5000));
    assertTrue(refusal.text().startsWith("[2Jno never"), refusal.text());
    assertTrue(refusal.text().length() <= 1000);
  }
}
