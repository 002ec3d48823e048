package io.sluice.payments.token;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Amounts with a token's symbol, there and back. */
class TokensTest {
  private static final Token FIL = new Token("FIL", EvmAddress.ZERO, 18);
  private static final Token USDC =
      Token.parse("USDC:0xeb466342c4d449bc9f53a865d5cb90586f405215:6");
  private static final Token WHOLE = new Token("TIX", USDC.address(), 0);
  private static final Tokens TOKENS = new Tokens(FIL, List.of(USDC));
  private static final TokenAmount MOST =
      new TokenAmount(BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE));

  private static TokenAmount fil(String text) {
    return TOKENS.read(WrittenAmount.parse(text));
  }

  private static TokenAmount usdc(String text) {
    return TOKENS.read(WrittenAmount.parse(text), USDC.address());
  }

  @ParameterizedTest
  @CsvSource({
    "12500, 12500",
    "' 5 ', 5",
    "0, 0",
    "007, 7",
    "1_000_000, 1000000",
    "0.0125 FIL, 12500000000000000",
    "0.0125FIL, 12500000000000000",
    "3 FIL, 3000000000000000000",
    "0.000000000000000001FIL, 1",
    "0 FIL, 0",
    "00.50 fil, 500000000000000000",
    "1.5000000000000000000000 FIL, 1500000000000000000",
    "340282366920938463463374607431768211455, 340282366920938463463374607431768211455",
    "340282366920938463463.374607431768211455FIL, 340282366920938463463374607431768211455"
  })
  void readsBaseUnitsAndDecimals(String text, String units) {
    assertEquals(units, fil(text).toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "-1",
        "+1",
        "-1FIL",
        "1.5",
        ".5FIL",
        "5.FIL",
        "FIL",
        "1e18",
        "1e-3FIL",
        "1,000",
        "1,5 FIL",
        "1 000 FIL",
        "1_000 FIL",
        "_1",
        "1_",
        "0x1",
        "٣",
        "３ FIL",
        "1\u00a0FIL",
        "1 FIL FIL",
        "1.2.3FIL",
        "340282366920938463463374607431768211456",
        "340282366920938463463.374607431768211456FIL",
        "99999999999999999999999999999 FIL"
      })
  void refusesAllElse(String text) {
    assertThrows(IllegalArgumentException.class, () -> fil(text));
  }

  /** Nobody has it rounded: neither away nor up. */
  @Test
  void givenMoreDecimalsThanTheToken_thenRefusedWithHowManyItHas() {
    assertEquals(TokenAmount.of(123_456), usdc("0.123456 USDC"));
    Exception refused = assertThrows(IllegalArgumentException.class, () -> usdc("0.1234567 USDC"));
    assertTrue(String.valueOf(refused.getMessage()).endsWith("USDC has 6"), refused::toString);
  }

  @Test
  void givenUnknownSymbol_thenRefusedWithTheKnownOnes() {
    Exception refused = assertThrows(IllegalArgumentException.class, () -> fil("1 DAI"));
    assertTrue(
        String.valueOf(refused.getMessage()).endsWith("known: FIL, USDC"), refused::toString);
  }

  /** A million base units of the one are not a million of the other. */
  @Test
  void givenAnotherToken_thenRefused() {
    assertThrows(IllegalArgumentException.class, () -> fil("1 USDC"));
    assertThrows(IllegalArgumentException.class, () -> usdc("1 FIL"));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            TOKENS.read(
                WrittenAmount.parse("1 FIL"),
                EvmAddress.of(
                    new byte[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1})));
  }

  @Test
  void showsTheShortestDecimal() {
    assertEquals("0 FIL", TOKENS.show(TokenAmount.ZERO));
    assertEquals("0.0125 FIL", TOKENS.show(fil("0.0125 FIL")));
    assertEquals("3 USDC", TOKENS.show(usdc("3USDC"), USDC.address()));
    assertEquals("10 TIX", WHOLE.show(TokenAmount.of(10)));
    assertEquals("340282366920938463463.374607431768211455 FIL", TOKENS.show(MOST));
  }

  @Test
  void givenUnknownToken_thenShowsBaseUnits() {
    EvmAddress other = EvmAddress.parse("0x00000000000000000000000000000000000000aa");
    assertEquals("7 base units of " + other, TOKENS.show(TokenAmount.of(7), other));
  }

  /** Any amount of any token is read back from what is shown of it, and nothing shorter is. */
  @Test
  void whatIsShownIsReadBack() {
    long seed = Long.getLong("sluice.seed", System.nanoTime());
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      Token token = new Token("T", EvmAddress.ZERO, random.nextInt(39));
      TokenAmount amount = new TokenAmount(new BigInteger(random.nextInt(129), random));
      String shown = token.show(amount);
      Tokens known = new Tokens(token, List.of());

      assertEquals(amount, known.read(WrittenAmount.parse(shown)), () -> "seed " + seed);
      assertEquals(
          new BigDecimal(amount.value(), token.decimals()).stripTrailingZeros().toPlainString(),
          amount.isZero() ? "0" : shown.substring(0, shown.length() - 2),
          () -> "seed " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "USDC",
        "USDC:0xeb466342c4d449bc9f53a865d5cb90586f405215",
        "USDC:0xeb46:6",
        "USDC:0xeb466342c4d449bc9f53a865d5cb90586f405215:39",
        "USDC:0xeb466342c4d449bc9f53a865d5cb90586f405215:-1",
        "6USD:0xeb466342c4d449bc9f53a865d5cb90586f405215:6",
        "=SUM:0xeb466342c4d449bc9f53a865d5cb90586f405215:6",
        ":0xeb466342c4d449bc9f53a865d5cb90586f405215:6"
      })
  void refusesWhatIsNoToken(String text) {
    assertThrows(IllegalArgumentException.class, () -> Token.parse(text));
  }

  @Test
  void refusesTwoOfOneNameOrAddress() {
    assertThrows(IllegalArgumentException.class, () -> new Tokens(USDC, List.of(WHOLE)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Tokens(FIL, List.of(new Token("fil", USDC.address(), 6))));
  }

  private static final Tokens BOTH =
      new Tokens(FIL, List.of(USDC), List.of(USDC.address(), EvmAddress.ZERO));

  @Test
  void sum_isOfTheTokenOfItsSymbol_orOfTheFirst() {
    assertEquals(
        new TokenSum(EvmAddress.ZERO, TokenAmount.of(5)),
        BOTH.sum(WrittenAmount.parse("0.000000000000000005FIL")));
    assertEquals(
        new TokenSum(USDC.address(), TokenAmount.of(3_000_000)),
        BOTH.sum(WrittenAmount.parse("3 usdc")));
    assertEquals(
        new TokenSum(USDC.address(), TokenAmount.of(3)), BOTH.sum(WrittenAmount.parse("3")));
    assertThrows(IllegalArgumentException.class, () -> TOKENS.sum(WrittenAmount.parse("3 USDC")));
  }

  @Test
  void amounts_areOneOfEachToken() {
    Amounts amounts = BOTH.amounts(List.of(WrittenAmount.parse("7"), WrittenAmount.parse("1FIL")));

    assertEquals(TokenAmount.of(7), amounts.orZero(USDC.address()));
    assertEquals("1000000000000000000", amounts.orZero(EvmAddress.ZERO).toString());
    assertThrows(
        IllegalArgumentException.class,
        () -> BOTH.amounts(List.of(WrittenAmount.parse("7"), WrittenAmount.parse("1USDC"))));
  }

  @Test
  void find_bySymbolAddressOrNative() {
    assertEquals(USDC.address(), BOTH.find("usdc"));
    assertEquals(USDC.address(), BOTH.find(USDC.address().toString()));
    assertEquals(EvmAddress.ZERO, BOTH.find("native"));
    for (String none : List.of("EUR", "0x12", "0x" + "1".repeat(40))) {
      assertThrows(IllegalArgumentException.class, () -> BOTH.find(none), none);
    }
  }

  @Test
  void whole_isAsManyOfEachTokenWhoseDecimalsAreKnown() {
    EvmAddress unknown = EvmAddress.parse("0x" + "1".repeat(40));
    Tokens tokens =
        new Tokens(FIL, List.of(USDC), List.of(EvmAddress.ZERO, USDC.address(), unknown));

    assertEquals(
        Map.of(
            EvmAddress.ZERO,
            TokenAmount.parse("2000000000000000000"),
            USDC.address(),
            TokenAmount.of(2_000_000)),
        tokens.whole(2).byToken());
  }

  @Test
  void amountsOfDifferentTokensAreNeverOne() {
    Amounts some = Amounts.of(EvmAddress.ZERO, TokenAmount.of(3));
    Amounts others = Amounts.ofEach(BOTH.accepted(), TokenAmount.of(9));

    assertEquals(TokenAmount.of(3), some.or(others).orZero(EvmAddress.ZERO));
    assertEquals(TokenAmount.of(9), some.or(others).orZero(USDC.address()));
    Amounts more =
        some.plus(USDC.address(), TokenAmount.of(1)).plus(EvmAddress.ZERO, TokenAmount.of(4));
    assertEquals(TokenAmount.of(7), more.orZero(EvmAddress.ZERO));
    assertEquals(TokenAmount.of(1), more.orZero(USDC.address()));
    assertEquals(some, some.plus(USDC.address(), TokenAmount.ZERO).withoutZeros());
  }

  @Test
  void channelsPayInSomething_andInEachTokenOnce() {
    assertThrows(
        IllegalArgumentException.class, () -> new Tokens(FIL, List.of(), List.<EvmAddress>of()));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Tokens(FIL, List.of(), List.of(EvmAddress.ZERO, EvmAddress.ZERO)));
  }
}
