package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class HexTest {
  @Test
  void numbersThatDoNotFit_areNoAnswer() {
    for (String number : new String[] {"", "1", "0x", "0x-1", "0xg", "0x" + "f".repeat(65)}) {
      assertThrows(IllegalArgumentException.class, () -> Hex.number(number), number);
    }
    assertThrows(IllegalArgumentException.class, () -> Hex.count("0x8000000000000000"));
  }
}
