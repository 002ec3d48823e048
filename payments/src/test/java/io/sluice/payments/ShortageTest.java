package io.sluice.payments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ledger.LedgerFacts;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What somebody reads whose account holds too little. */
class ShortageTest {
  private static final EvmAddress POOR =
      EvmAddress.parse("0x00000000000000000000000000000000000000aa");
  private static final TokenAmount HALF = TokenAmount.parse("500000000000000000");
  private static final TokenAmount TWO = TokenAmount.parse("2000000000000000000");

  private static String message(
      String kind, String symbol, EvmAddress token, Optional<TokenAmount> held) {
    LedgerFacts facts =
        new LedgerFacts(kind, symbol, 18, Duration.ofMinutes(1), Duration.ofDays(1));
    return new Shortage(facts, new Domain(314, POOR), POOR, token, TWO, held).message();
  }

  @Test
  void givenEmbedded_thenNamesTheFaucetWithWhatIsMissing() {
    assertEquals(
        "account %s has 0.5 PLAY on the embedded ledger (chain 314) and needs 2 PLAY: 1.5 PLAY missing; run 'sluice faucet %s 1.5PLAY'"
            .formatted(POOR, POOR),
        message("embedded", "PLAY", EvmAddress.ZERO, Optional.of(HALF)));
  }

  @Test
  void givenChain_thenSaysWhereToSendIt() {
    String said = message("evm", "FIL", EvmAddress.ZERO, Optional.of(HALF));
    assertTrue(
        said.endsWith("1.5 FIL missing; send 1.5 FIL to that account, then run the same command"),
        said);
  }

  @Test
  void givenNoAnswerOfTheLedger_thenAllOfItIsMissing() {
    String said = message("evm", "FIL", EvmAddress.ZERO, Optional.empty());
    assertTrue(said.contains("does not have the 2 FIL needed"), said);
  }

  @Test
  void givenEnoughButForFees_thenSaysSo() {
    String said = message("evm", "FIL", EvmAddress.ZERO, Optional.of(TWO));
    assertTrue(
        said.contains("cannot pay the fees of the evm ledger (chain 314) beside the 2 FIL"), said);
  }

  /** A contract may call itself what it likes: only base units and its address are certain. */
  @Test
  void givenAnotherToken_thenCountsInItsBaseUnits() {
    String said = message("evm", "FIL", POOR, Optional.of(HALF));
    assertTrue(said.contains("1500000000000000000 base units of " + POOR), said);
  }
}
