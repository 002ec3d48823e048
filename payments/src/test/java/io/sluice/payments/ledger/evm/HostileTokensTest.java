package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.ledger.evm.contract.AbiArguments;
import io.sluice.payments.ledger.evm.contract.ContractCalls;
import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tokens that are not what they should be, seen through the ledger: each is refused before anything
 * is paid, or harms nobody but whoever holds it. A channel in the chain's own coin stands in the
 * same contract all the while, and loses nothing.
 */
class HostileTokensTest {
  private static final EvmAddress COIN = EvmAddress.ZERO;
  private static final ContractCode.Bounds BOUNDS = new ContractCode.Bounds(1, 86_400);
  private static final SigningKey PAYER = key(0x51);
  private static final SigningKey PAYEE = key(0x52);

  /** A text that says it is almost 2^256 bytes long. */
  private static final String LONG_LIE =
      "0000000000000000000000000000000000000000000000000000000000000020"
          + "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

  private static final int ROUNDS = 8;
  private static final int AT_ONCE = 6;

  private static TestChain chain;

  @TempDir Path directory;
  private EvmLedger ledger;
  private EvmAddress token;
  private Bytes32 coins;
  private int ids;

  private static SigningKey key(int fill) {
    byte[] secret = new byte[32];
    Arrays.fill(secret, (byte) fill);
    return SigningKey.of(secret);
  }

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Anvil.needed();
    chain = TestChain.free();
    chain.knows(PAYER, PAYEE);
  }

  @AfterAll
  static void stop() throws IOException {
    if (chain != null) {
      chain.close();
    }
  }

  @BeforeEach
  void open() throws IOException {
    chain.give(PAYER.address(), TokenAmount.of(1000));
    ledger = chain.open(chain.settings(chain.deploy(BOUNDS), directory.resolve("outbox")));
    coins = opened(COIN, 50);
    token = deployed();
    tell("transfer(address,uint256)", new AbiArguments().address(PAYER.address()).number(1000));
  }

  /** Whatever a token does, the contract has all the coins that it owes. */
  @AfterEach
  void close() throws IOException {
    if (ledger != null) {
      assertEquals(TokenAmount.of(50), channel(coins).deposit());
      assertEquals(TokenAmount.of(50), ledger.balance(COIN, ledger.domain().contract()));
      ledger.close();
    }
  }

  private static EvmAddress deployed() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(HostileTokensTest.class.getResourceAsStream("HostileToken.bin"))) {
      return chain.deploy(
          HexFormat.of()
              .parseHex(new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip()));
    }
  }

  private void tell(String function, AbiArguments arguments) throws IOException {
    byte[] selector = AbiArguments.selector(function);
    byte[] rest = arguments.done();
    byte[] call = Arrays.copyOf(selector, selector.length + rest.length);
    System.arraycopy(rest, 0, call, selector.length, rest.length);
    assertEquals("0x1", chain.send(token.toString(), call).getStatus());
  }

  /** By the number that the token's source gives it. */
  private void behave(int manner) throws IOException {
    tell("behave(uint8)", new AbiArguments().number(manner));
  }

  private void describe(byte[] symbol, byte[] decimals) throws IOException {
    tell(
        "describe(bytes,bytes)",
        new AbiArguments()
            .number(64)
            .number(64L + AbiArguments.sizeOfBytes(symbol.length))
            .bytes(symbol)
            .bytes(decimals));
  }

  private static byte[] symbol(String text) {
    return new AbiArguments().number(32).bytes(text.getBytes(StandardCharsets.UTF_8)).done();
  }

  private static byte[] number(BigInteger value) {
    return new AbiArguments().number(value).done();
  }

  private IntentId id() {
    return new IntentId("intent-" + ++ids);
  }

  private Intent.Open opening(EvmAddress in, long amount) {
    byte[] salt = new byte[32];
    salt[31] = (byte) ++ids;
    return new Intent.Open(
        id(),
        PAYER.address(),
        PAYEE.address(),
        PAYER.address(),
        in,
        1000,
        Bytes32.of(salt),
        TokenAmount.of(amount));
  }

  private Outcome submitted(Intent intent) throws IOException {
    Outcome outcome = ledger.submit(intent);
    for (int tries = 0; tries < 1000 && outcome instanceof Outcome.Pending; tries++) {
      outcome = ledger.submit(intent);
    }
    return outcome;
  }

  private void included(Intent intent) throws IOException {
    assertInstanceOf(Outcome.Included.class, submitted(intent));
  }

  private void refused(LedgerError error, Intent intent) throws IOException {
    Outcome outcome = submitted(intent);
    assertEquals(
        error, assertInstanceOf(Outcome.Refused.class, outcome, outcome.toString()).error());
  }

  /** Whoever waits for an opening and whoever sees to what is planned submit the same. */
  @Test
  void givenAnHonestToken_whenManySubmitTheSameAtOnce_thenNobodyIsRefused() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Intent.Open open = opening(token, 10);
      try (ExecutorService many = Executors.newFixedThreadPool(AT_ONCE)) {
        List<Future<Outcome>> outcomes =
            many.invokeAll(Collections.nCopies(AT_ONCE, () -> ledger.submit(open)));
        for (Future<Outcome> outcome : outcomes) {
          assertFalse(outcome.get() instanceof Outcome.Refused, () -> "" + outcome.resultNow());
        }
      }
      included(open);
      assertEquals(TokenAmount.of(10), channel(open.channel(ledger.domain())).deposit());
    }
    assertEquals(TokenAmount.of(1000 - 10 * ROUNDS), owned(PAYER));
  }

  private Bytes32 opened(EvmAddress in, long amount) throws IOException {
    Intent.Open open = opening(in, amount);
    included(open);
    return open.channel(ledger.domain());
  }

  private Channel channel(Bytes32 id) throws IOException {
    return ledger.channel(id).orElseThrow();
  }

  private Intent redeeming(Bytes32 channel, long total) {
    return new Intent.Redeem(
        id(),
        PAYEE.address(),
        List.of(PAYER.sign(ledger.domain(), new Voucher(channel, 0, 1, TokenAmount.of(total)))));
  }

  private Intent withdrawing(EvmAddress in, long amount) {
    return new Intent.Withdraw(id(), PAYEE.address(), in, PAYEE.address(), TokenAmount.of(amount));
  }

  private TokenAmount owned(SigningKey key) throws IOException {
    return ledger.balance(token, key.address());
  }

  // what it moves

  /** TakesAFee, AddsAGift, SaysFalse, MovesNothing, Fails. */
  @ParameterizedTest
  @CsvSource({
    "1, TOKEN_AMOUNT_MISMATCH",
    "2, TOKEN_AMOUNT_MISMATCH",
    "3, TRANSFER_FAILED",
    "4, TOKEN_AMOUNT_MISMATCH",
    "5, REVERTED"
  })
  void tokenThatMovesWhatItDoesNotSay_refusedAndNothingIsPaidIn(int manner, LedgerError error)
      throws IOException {
    Bytes32 before = opened(token, 100);
    behave(manner);
    Intent.Open open = opening(token, 600);

    refused(error, open);
    refused(error, new Intent.TopUp(id(), PAYER.address(), before, TokenAmount.of(10)));

    assertEquals(Optional.empty(), ledger.channel(open.channel(ledger.domain())));
    assertEquals(TokenAmount.of(100), channel(before).deposit());
    assertEquals(TokenAmount.of(900), owned(PAYER));
  }

  /** It turns when the money is in: the channel pays on, the credit stays until it pays again. */
  @ParameterizedTest
  @CsvSource({"3, TRANSFER_FAILED", "5, REVERTED"})
  void tokenThatDoesNotComeOut_creditStays(int manner, LedgerError error) throws IOException {
    Bytes32 id = opened(token, 600);
    behave(manner);
    included(redeeming(id, 400));

    refused(error, withdrawing(token, 400));

    assertEquals(TokenAmount.of(400), ledger.credit(token, PAYEE.address()));
    behave(0);
    included(withdrawing(token, 400));
    assertEquals(TokenAmount.of(400), owned(PAYEE));
  }

  @Test
  void tokenThatTakesAFeeOnTheWayOut_costsWhoTakesItAndNobodyElse() throws IOException {
    Bytes32 id = opened(token, 600);
    included(redeeming(id, 400));
    behave(1);

    included(withdrawing(token, 400));

    assertEquals(TokenAmount.of(399), owned(PAYEE));
    assertEquals(TokenAmount.of(200), ledger.balance(token, ledger.domain().contract()));
    assertEquals(TokenAmount.of(600), channel(id).deposit());
  }

  /** What a channel has is a figure of the contract: a token that shrinks is short at the end. */
  @Test
  void tokenThatRebases_paysWhoComesFirstAndNoCoins() throws IOException {
    Bytes32 id = opened(token, 600);
    included(redeeming(id, 400));
    tell("rebase(uint256)", new AbiArguments().number(50));

    assertEquals(TokenAmount.of(600), channel(id).deposit());
    assertEquals(TokenAmount.of(200), owned(PAYER));
    refused(LedgerError.REVERTED, withdrawing(token, 400));
    included(withdrawing(token, 300));
    assertEquals(TokenAmount.of(100), ledger.credit(token, PAYEE.address()));
    tell("rebase(uint256)", new AbiArguments().number(200));
    included(new Intent.Redeem(id(), PAYEE.address(), List.of()));
    assertEquals(TokenAmount.of(100), ledger.credit(token, PAYEE.address()), "growth is nobody's");
  }

  // what it does meanwhile

  /** Anyone may redeem, so that is the door by which a token could get in again. */
  @Test
  void tokenThatReenters_findsTheDoorShut() throws IOException {
    Bytes32 id = opened(token, 600);
    tell(
        "callWhileMoving(address,bytes)",
        new AbiArguments()
            .address(ledger.domain().contract())
            .number(64)
            .bytes(ContractCalls.of(redeeming(id, 100))));

    Bytes32 other = opened(token, 10);

    assertEquals(TokenAmount.of(10), channel(other).deposit());
    assertEquals(TokenAmount.ZERO, channel(id).redeemed());
    assertEquals(Hex.of(new byte[32]), asked("callDone()"), "the contract let it in");
    included(redeeming(id, 100));
  }

  private Object asked(String function) throws IOException {
    return chain.rpc(
        "eth_call",
        Map.of("to", token.toString(), "data", Hex.of(AbiArguments.selector(function))),
        "latest");
  }

  // what it says of itself

  @Test
  void honestToken_known() throws IOException {
    assertEquals(new TokenFacts("HST", 6), ledger.token(token));
  }

  /** None is shown to anybody, and none is a reason to ask another node. */
  @ParameterizedTest
  @ValueSource(strings = {"37", "255", "9223372036854775808", "-1"})
  void tokenThatLiesAboutDecimals_isNotShownAndPaysInBaseUnits(String decimals) throws IOException {
    Bytes32 id = opened(token, 600);
    BigInteger said =
        decimals.equals("-1")
            ? BigInteger.TWO.pow(256).subtract(BigInteger.ONE)
            : new BigInteger(decimals);
    describe(symbol("HST"), number(said));

    assertThrows(IOException.class, () -> ledger.token(token));

    assertEquals(
        TokenAmount.of(600), channel(id).deposit(), "the node of the chain is still asked");
    included(redeeming(id, 400));
  }

  /** Whatever it says, sums on the ledger are base units. */
  @Test
  void tokenThatChangesItsDecimals_movesNoMoney() throws IOException {
    Bytes32 id = opened(token, 600);
    describe(symbol("HST"), number(BigInteger.ZERO));

    assertEquals(new TokenFacts("HST", 0), ledger.token(token));
    assertEquals(TokenAmount.of(600), channel(id).deposit());
    included(redeeming(id, 400));
    assertEquals(TokenAmount.of(400), ledger.credit(token, PAYEE.address()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "\u001b[31mETH", "ABCDEFGHIJKLMNOPQ", "EΤH"})
  void tokenWithASymbolThatDeceives_isNotShown(String symbol) throws IOException {
    describe(symbol(symbol), number(BigInteger.valueOf(6)));

    assertThrows(IOException.class, () -> ledger.token(token));
    assertEquals(TokenAmount.of(50), channel(coins).deposit());
  }

  /** Half an answer, none, and one whose length is a lie. */
  @ParameterizedTest
  @ValueSource(strings = {"", "00", "ff", LONG_LIE})
  void tokenThatAnswersNonsense_isTheTokensFaultAndNotTheNodes(String hex) throws IOException {
    describe(HexFormat.of().parseHex(hex), HexFormat.of().parseHex(hex));

    assertThrows(IOException.class, () -> ledger.token(token));
    assertEquals(TokenAmount.of(50), channel(coins).deposit());
  }
}
