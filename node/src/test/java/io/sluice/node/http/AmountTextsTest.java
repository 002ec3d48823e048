package io.sluice.node.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.node.api.Reports;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What stands beside an amount in the JSON of a command. */
class AmountTextsTest {
  private static final Token USDC =
      Token.parse("USDC:0xeb466342c4d449bc9f53a865d5cb90586f405215:6");
  private static final Tokens TOKENS =
      new Tokens(new Token("PLAY", EvmAddress.ZERO, 2), List.of(USDC));
  private static final Reports.KeyReport KEY =
      new Reports.KeyReport("0xaa", false, Optional.of(TokenAmount.of(5)), Optional.empty());

  @Test
  void eachAmountHasATextInTheCoin() {
    assertEquals(
        "{\"address\":\"0xaa\",\"default\":false,\"balance\":\"5\",\"balanceText\":\"0.05"
            + " PLAY\",\"owned\":[]}",
        Json.write(KEY, TOKENS));
  }

  /** Between processes nothing travels that the other end would have to believe. */
  @Test
  void givenNoTokens_thenAmountsStandAlone() {
    assertEquals(
        "{\"address\":\"0xaa\",\"default\":false,\"balance\":\"5\",\"owned\":[]}", Json.write(KEY));
  }

  /** The lanes inside say no token of their own. */
  @Test
  void amountsOfAChannelAreInItsToken() {
    Reports.ChannelReport channel =
        new Reports.ChannelReport(
            "0x1",
            "payer",
            "0x2",
            USDC.address().toString(),
            TokenAmount.of(1_500_000),
            TokenAmount.ZERO,
            TokenAmount.ZERO,
            "open",
            Optional.empty(),
            List.of(
                new Reports.LaneReport(
                    0, 1, TokenAmount.of(250_000), TokenAmount.ZERO, Optional.empty())));

    String json = Json.write(Map.of("items", List.of(channel)), TOKENS);

    assertEquals("1.5 USDC", text(json, "/items/0/depositText"));
    assertEquals("0.25 USDC", text(json, "/items/0/lanes/0/amountText"));
  }

  private static String text(String json, String at) {
    try {
      return Json.parse(json.getBytes(java.nio.charset.StandardCharsets.UTF_8)).at(at).asText();
    } catch (java.io.IOException e) {
      throw new AssertionError(json, e);
    }
  }
}
