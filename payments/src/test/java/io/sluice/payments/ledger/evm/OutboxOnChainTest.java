package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ledger.Cursor;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.LedgerError;
import io.sluice.payments.ledger.LedgerStanding.Waiting;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.ledger.evm.FaultyRpc.Reply;
import io.sluice.payments.ledger.evm.contract.ContractCalls;
import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.token.Token;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.web3j.abi.FunctionEncoder;
import org.web3j.abi.datatypes.Address;
import org.web3j.abi.datatypes.Function;
import org.web3j.abi.datatypes.generated.Uint256;

/**
 * What was submitted happens once: whatever a node does with it, and wherever the process ends. A
 * top-up shows it best, since two of them add up.
 */
class OutboxOnChainTest {
  private static final BigInteger CAP = BigInteger.valueOf(1_000_000_000_000L);
  private static final EvmAddress COIN = EvmAddress.ZERO;
  private static final EvmAddress PAYEE = SigningKey.of(filled(0x47)).address();
  private static TestChain chain;
  private static EvmAddress contract;
  private static int salts;

  @TempDir Path directory;
  private SigningKey payer;
  private FaultyRpc rpc;
  private EvmSettings settings;
  private EvmLedger ledger;
  private Bytes32 channel;

  private static byte[] filled(int value) {
    byte[] bytes = new byte[32];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Anvil.needed();
    chain = new TestChain();
    contract = chain.deploy(new ContractCode.Bounds(1, 86_400));
    chain.knows(chain.rich());
  }

  @AfterAll
  static void stop() throws IOException {
    if (chain != null) {
      chain.close();
    }
  }

  /** A channel of 10, opened without faults. */
  @BeforeEach
  void open() throws IOException {
    payer = SigningKey.of(filled(0x60 + ++salts));
    chain.knows(payer);
    chain.give(payer.address(), new TokenAmount(BigInteger.TEN.pow(21)));
    rpc = FaultyRpc.before(chain.url());
    settings = impatient(chain.settings(contract, directory.resolve("outbox"), CAP, rpc.url()));
    ledger = chain.open(settings);
    Intent.Open open =
        new Intent.Open(
            new IntentId("open"),
            payer.address(),
            PAYEE,
            payer.address(),
            COIN,
            1000,
            Bytes32.of(filled(salts)),
            TokenAmount.of(10));
    channel = open.channel(ledger.domain());
    settle(open);
  }

  /** Submissions do not wait, so that a test says when blocks come. */
  private static EvmSettings impatient(EvmSettings settings) {
    EvmSettings.RpcLimits limits = settings.limits();
    return new EvmSettings(
        settings.domain(),
        settings.endpoints(),
        settings.finality(),
        settings.maxFeePerGas(),
        settings.symbol(),
        settings.decimals(),
        settings.firstBlock(),
        settings.outbox(),
        new EvmSettings.RpcLimits(
            limits.timeout(),
            limits.maxAnswer(),
            limits.headAge(),
            limits.staleAfter(),
            Duration.ZERO,
            limits.logBlocks(),
            limits.stuckAfter(),
            limits.watched()));
  }

  @AfterEach
  void close() throws IOException {
    if (rpc != null) {
      chain.automine(true);
      rpc.close();
      ledger.close();
    }
  }

  /** A receipt may be there a moment after its block. */
  private Outcome settle(Intent intent) throws IOException {
    Outcome outcome = ledger.submit(intent);
    for (int tries = 0; tries < 1000 && outcome instanceof Outcome.Pending; tries++) {
      outcome = ledger.submit(intent);
    }
    return assertInstanceOf(Outcome.Included.class, outcome);
  }

  private Intent topUp(String id) {
    return new Intent.TopUp(new IntentId(id), payer.address(), channel, TokenAmount.of(5));
  }

  private void assertDeposit(long expected) throws IOException {
    assertEquals(TokenAmount.of(expected), ledger.channel(channel).orElseThrow().deposit());
  }

  private void reopen(URI endpoint) throws IOException {
    ledger.close();
    settings =
        impatient(chain.settings(contract, settings.outbox(), settings.maxFeePerGas(), endpoint));
    ledger = chain.open(settings);
  }

  private void faulty(String method, FaultyRpc.Answerer fault) {
    rpc.answerer =
        (asked, request) ->
            asked.equals(method) ? fault.reply(asked, request) : rpc.forward(chain.url(), request);
  }

  private void honest() {
    rpc.answerer = (asked, request) -> rpc.forward(chain.url(), request);
  }

  private static Reply takenAndDropped(com.fasterxml.jackson.databind.JsonNode request) {
    byte[] raw = Hex.bytes(request.get("params").get(0).asText());
    return Reply.result(request, "\"" + io.sluice.payments.voucher.Keccak.hash(raw) + "\"");
  }

  @Test
  void dropped_handedOutAgain() throws IOException {
    faulty("eth_sendRawTransaction", (m, request) -> takenAndDropped(request));
    Intent more = topUp("more");
    assertInstanceOf(Outcome.Pending.class, ledger.submit(more));
    chain.mine(1);
    assertDeposit(10);

    honest();
    ledger.events(Cursor.START, 1);

    settle(more);
    assertDeposit(15);
  }

  @Test
  void takenWithoutAnAnswer_notSentTwice() throws IOException {
    AtomicInteger sent = new AtomicInteger();
    faulty(
        "eth_sendRawTransaction",
        (m, request) -> {
          sent.incrementAndGet();
          Reply unheard = rpc.forward(chain.url(), request);
          return new Reply(500, "", unheard.body().length());
        });
    Intent more = topUp("more");

    assertThrows(IOException.class, () -> ledger.submit(more));

    assertEquals(1, sent.get());
    reopen(chain.url());
    settle(more);
    assertDeposit(15);
  }

  @Test
  void underpriced_paysMore() throws IOException {
    AtomicInteger times = new AtomicInteger();
    faulty(
        "eth_sendRawTransaction",
        (m, request) ->
            times.incrementAndGet() <= 2
                ? Reply.error(request, -32000, "replacement transaction underpriced")
                : rpc.forward(chain.url(), request));

    settle(topUp("more"));

    assertDeposit(15);
    assertEquals(3, times.get());
  }

  @Test
  void nonceSaidToBeUsed_lookedForAndHandedOutAgain() throws IOException {
    faulty("eth_sendRawTransaction", (m, request) -> Reply.error(request, -32000, "nonce too low"));
    Intent more = topUp("more");
    assertInstanceOf(Outcome.Pending.class, ledger.submit(more));
    honest();
    chain.mine(1);

    settle(more);

    assertDeposit(15);
  }

  @Test
  void stuck_replacedByOneThatPaysMore() throws IOException {
    chain.automine(false);
    Intent more = topUp("more");
    assertInstanceOf(Outcome.Pending.class, ledger.submit(more));
    for (int blocks = 0; blocks < 4; blocks++) {
      chain.rpc("anvil_setNextBlockBaseFeePerGas", Hex.of(50_000_000_000L));
      chain.mine(1);
    }
    assertDeposit(10);

    ledger.events(Cursor.START, 1);
    chain.rpc("anvil_setNextBlockBaseFeePerGas", Hex.of(50_000_000_000L));
    chain.mine(1);

    settle(more);
    assertDeposit(15);
  }

  private SignedVoucher voucher(long total) {
    return payer.sign(ledger.domain(), new Voucher(channel, 0, 1, TokenAmount.of(total)));
  }

  private void passItBy() throws IOException {
    chain.mine(1);
    ledger.events(Cursor.START, 1);
  }

  /** The payer settles, and no block takes what others send; the challenge ends within an hour. */
  @Test
  void deadlineNears_whatIsBeforeItIsReplacedAfterABlock() throws IOException {
    settle(new Intent.Settle(new IntentId("settle"), payer.address(), channel));
    Set<String> sent = ConcurrentHashMap.newKeySet();
    faulty(
        "eth_sendRawTransaction",
        (m, request) -> {
          sent.add(request.get("params").get(0).asText());
          return takenAndDropped(request);
        });
    Intent another =
        new Intent.Open(
            new IntentId("another"),
            payer.address(),
            PAYEE,
            payer.address(),
            COIN,
            1000,
            Bytes32.of(filled(0x2a)),
            TokenAmount.of(10));
    assertInstanceOf(Outcome.Pending.class, ledger.submit(another));
    passItBy();
    assertEquals(1, sent.size(), "nothing presses yet, so the same is handed out again");

    Intent redeem = new Intent.Redeem(new IntentId("redeem"), payer.address(), List.of(voucher(7)));
    assertInstanceOf(Outcome.Pending.class, ledger.submit(redeem));
    assertEquals(2, sent.size());
    passItBy();
    assertEquals(3, sent.size(), "the opening pays more: the redemption cannot get past it");

    honest();
    passItBy();
    settle(redeem);
    assertEquals(TokenAmount.of(7), ledger.redeemed(channel, 0));
  }

  @Test
  void gasSpent_isWhatTheAccountHasLess_andIsKept() throws IOException {
    settle(topUp("more"));
    settle(topUp("another"));

    Map<String, TokenAmount> spent = ledger.standing().gasSpent();

    TokenAmount gas = spent.get("open").plus(spent.get("top_up"));
    assertEquals(Set.of("open", "top_up"), spent.keySet());
    assertEquals(
        new TokenAmount(BigInteger.TEN.pow(21)).minus(TokenAmount.of(20)).minus(gas),
        ledger.balance(COIN, payer.address()));
    reopen(chain.url());
    assertEquals(spent, ledger.standing().gasSpent());
  }

  @Test
  void waiting_untilItIsInABlock() throws IOException {
    assertEquals(Waiting.NONE, ledger.standing().waiting());
    chain.automine(false);
    Instant before = ledger.head().time();
    Intent more = topUp("more");
    assertInstanceOf(Outcome.Pending.class, ledger.submit(more));
    assertEquals(new Waiting(1, Optional.of(before)), ledger.standing().waiting());
    reopen(rpc.url());
    assertEquals(new Waiting(1, Optional.of(before)), ledger.standing().waiting());

    chain.mine(1);
    settle(more);

    assertEquals(Waiting.NONE, ledger.standing().waiting());
  }

  /** The account's owner sends something else with that nonce: then, and only then, anew. */
  @Test
  void nonceUsedElsewhere_doneWithAnother() throws IOException {
    faulty("eth_sendRawTransaction", (m, request) -> takenAndDropped(request));
    Intent more = topUp("more");
    assertInstanceOf(Outcome.Pending.class, ledger.submit(more));
    honest();
    rpc.answerer =
        (asked, request) ->
            asked.equals("eth_sendRawTransaction")
                ? takenAndDropped(request)
                : rpc.forward(chain.url(), request);
    SigningKey key = payer;
    String data = Hex.of(ContractCalls.redeemNothing());
    chain.rpc("anvil_impersonateAccount", key.address().toString());
    chain.rpc(
        "eth_sendTransaction",
        java.util.Map.of(
            "from", key.address().toString(), "to", contract.toString(), "data", data));
    chain.mine(1);
    assertInstanceOf(Outcome.Pending.class, ledger.submit(more), "perhaps it was this one");
    chain.mine((int) OutboxPlan.SURE);
    Outcome outcome = ledger.submit(more);
    honest();

    for (int tries = 0; tries < 5 && !(outcome instanceof Outcome.Included); tries++) {
      outcome = ledger.submit(more);
    }

    assertInstanceOf(Outcome.Included.class, outcome);
    assertDeposit(15);
  }

  /** Where each record ends in the file. */
  private List<Integer> ends(byte[] file) {
    List<Integer> ends = new ArrayList<>();
    int at = "SLUICE OUTBOX 1\n".length();
    while (at < file.length) {
      at += 8 + ByteBuffer.wrap(file, at, 4).getInt();
      ends.add(at);
    }
    return ends;
  }

  /** After a kill the file ends after any of its records, and the chain has all that was sent. */
  @Test
  void killedAnywhereAfterSending_doneOnce() throws IOException {
    Path file = settings.outbox();
    long before = Files.size(file);
    Intent more = topUp("more");
    settle(more);
    ledger.close();
    byte[] whole = Files.readAllBytes(file);
    List<Integer> ends = ends(whole).stream().filter(end -> end > before).toList();
    assertEquals(3, ends.size(), "signed, handed out, included");
    for (int end : ends) {
      Files.write(file, Arrays.copyOf(whole, end));
      ledger = chain.open(settings);
      settle(more);
      assertDeposit(15);
      ledger.close();
    }
    ledger = chain.open(settings);
  }

  @Test
  void killedBeforeSending_doneOnce() throws IOException {
    faulty("eth_sendRawTransaction", (m, request) -> new Reply(500, "", 0));
    Intent more = topUp("more");
    assertThrows(IOException.class, () -> ledger.submit(more));

    reopen(chain.url());
    ledger.events(Cursor.START, 1);

    settle(more);
    assertDeposit(15);
  }

  /** A row that is lost leaves a nonce that nobody uses: those behind it would wait for ever. */
  @Test
  void gapBeforeOurs_filled() throws IOException {
    Path file = settings.outbox();
    int before = (int) Files.size(file);
    faulty("eth_sendRawTransaction", (m, request) -> takenAndDropped(request));
    assertInstanceOf(Outcome.Pending.class, ledger.submit(topUp("lost")));
    int lost = (int) Files.size(file);
    honest();
    Intent more = topUp("more");
    // The first is known still, so it is handed out by that, too; it must not be.
    rpc.answerer =
        (asked, request) ->
            asked.equals("eth_sendRawTransaction")
                ? takenAndDropped(request)
                : rpc.forward(chain.url(), request);
    assertInstanceOf(Outcome.Pending.class, ledger.submit(more));
    ledger.close();
    byte[] whole = Files.readAllBytes(file);
    byte[] spliced = new byte[whole.length - (lost - before)];
    System.arraycopy(whole, 0, spliced, 0, before);
    System.arraycopy(whole, lost, spliced, before, whole.length - lost);
    Files.write(file, spliced);
    ledger = chain.open(settings);
    // This chain counts what waits behind a gap, too; others do not.
    faulty(
        "eth_getTransactionCount",
        (m, request) ->
            rpc.forward(
                chain.url(),
                FaultyRpc.JSON.readTree(request.toString().replace("pending", "latest"))));

    for (int tries = 0; tries < 10; tries++) {
      chain.mine(1);
      ledger.events(Cursor.START, 1);
    }

    settle(more);
    assertDeposit(15);
  }

  /** As if what makes it fail came only after it was tried out. */
  private void nothingTriedOut() {
    faulty("eth_estimateGas", (m, request) -> Reply.result(request, "\"0x30d40\""));
  }

  @Test
  void revertedForGood_toldOnce_thenAsIfItHadNeverBeen() throws IOException {
    chain.automine(false);
    Intent first = new Intent.Settle(new IntentId("first"), payer.address(), channel);
    Intent second =
        new Intent.TopUp(new IntentId("second"), payer.address(), channel, TokenAmount.of(5));
    assertInstanceOf(Outcome.Pending.class, ledger.submit(first));
    nothingTriedOut();
    assertInstanceOf(Outcome.Pending.class, ledger.submit(second));
    honest();
    chain.mine(1);
    chain.automine(true);

    settle(first);
    Outcome refused = ledger.submit(second);

    assertEquals(
        LedgerError.CHANNEL_SETTLING, assertInstanceOf(Outcome.Refused.class, refused).error());
    assertInstanceOf(Outcome.Unknown.class, ledger.outcome(second.id()));
    assertDeposit(10);
  }

  @Test
  void revertedButDone_isDone() throws IOException {
    chain.automine(false);
    Intent one = new Intent.Settle(new IntentId("one"), payer.address(), channel);
    Intent two = new Intent.Settle(new IntentId("two"), payer.address(), channel);
    assertInstanceOf(Outcome.Pending.class, ledger.submit(one));
    nothingTriedOut();
    assertInstanceOf(Outcome.Pending.class, ledger.submit(two));
    honest();
    chain.mine(1);
    chain.automine(true);

    settle(one);
    Outcome.Included done = (Outcome.Included) settle(two);

    assertEquals(List.of(), done.events());
  }

  @Test
  void noGasMoney_refusedWithWhatIsMissing() throws IOException {
    chain.give(payer.address(), TokenAmount.of(5));
    Outcome refused = ledger.submit(topUp("more"));

    assertEquals(
        LedgerError.INSUFFICIENT_BALANCE, assertInstanceOf(Outcome.Refused.class, refused).error());
    assertTrue(((Outcome.Refused) refused).message().contains("TEST missing"));
    assertTrue(((Outcome.Refused) refused).message().contains(payer.address().toString()));
  }

  /** One that hides what came of a transaction, or makes it up, cannot make it count for good. */
  @Test
  void much_finalOnlyOnceTwoSayTheSame() throws IOException {
    try (FaultyRpc other = FaultyRpc.before(chain.url())) {
      EvmSettings two =
          impatient(chain.settings(contract, settings.outbox(), CAP, rpc.url(), other.url()));
      ledger.close();
      settings = two.agreeingAbove(Amounts.of(EvmAddress.ZERO, TokenAmount.of(4)));
      ledger = chain.open(settings);
      Intent more = topUp("much");
      settle(more);
      other.answerer =
          (method, request) ->
              method.equals("eth_getTransactionReceipt")
                  ? Reply.result(request, "null")
                  : other.forward(chain.url(), request);
      chain.mine(200);
      ledger.events(Cursor.START, 1);
      assertTrue(ledger.standing().disagreements() > 0);
      assertEquals(OutboxState.INCLUDED, stored("much"));

      other.answerer = (method, request) -> other.forward(chain.url(), request);
      chain.mine(1);
      ledger.events(Cursor.START, 1);

      assertEquals(OutboxState.FINAL, stored("much"));
    }
  }

  /** As it is on the disk. */
  private OutboxState stored(String key) throws IOException {
    ledger.close();
    OutboxState state;
    try (OutboxFile file = OutboxFile.open(settings.outbox(), settings.domain())) {
      state = file.find(key).orElseThrow().state();
    }
    ledger = chain.open(settings);
    return state;
  }

  @Test
  void tokens_heldAgainstTheirContracts() throws IOException {
    EvmAddress token = token();
    Token coin = new Token("TEST", COIN, 18);
    Token named = new Token("TST", token, 6);

    assertEquals(
        new Tokens(coin, List.of(named), token),
        ledger.checked(new Tokens(coin, List.of(), token)),
        "paid in, and named by nobody");
    Tokens wrong = new Tokens(coin, List.of(new Token("TST", token, 18)));
    String said =
        assertThrows(IllegalArgumentException.class, () -> ledger.checked(wrong)).getMessage();
    assertTrue(said.contains("TST has 6 decimals"), said);
    Tokens unreachable = new Tokens(coin, List.of(new Token("NONE", PAYEE, 3)));
    assertEquals(unreachable, ledger.checked(unreachable));
  }

  /** Some programs do not know the method, and say so. */
  @Test
  void noFeeHistory_whatTheNodeSuggestsIsPaid() throws IOException {
    faulty("eth_feeHistory", (m, request) -> Reply.error(request, -32601, "no such method"));

    settle(topUp("more"));

    assertDeposit(15);
    assertTrue(rpc.asked.contains("eth_maxPriorityFeePerGas"));
  }

  @Test
  void redemptionCost_asTheLastOneTook() throws IOException {
    assertTrue(ledger.redemptionCost().exceeds(TokenAmount.ZERO));
  }

  private EvmAddress token() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(OutboxOnChainTest.class.getResourceAsStream("TestToken.bin"))) {
      String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
      EvmAddress token = chain.deploy(HexFormat.of().parseHex(hex));
      byte[] transfer =
          Hex.bytes(
              FunctionEncoder.encode(
                  new Function(
                      "transfer",
                      List.of(new Address(payer.address().toString()), new Uint256(1000)),
                      List.of())));
      assertEquals("0x1", chain.send(token.toString(), transfer).getStatus());
      return token;
    }
  }

  @Test
  void token_approvedToTheUnit_thenPaidIn() throws IOException {
    EvmAddress token = token();
    assertEquals(new TokenFacts("TST", 6), ledger.token(token));
    Intent.Open open =
        new Intent.Open(
            new IntentId("token"),
            payer.address(),
            PAYEE,
            payer.address(),
            token,
            1000,
            Bytes32.of(filled(0x77)),
            TokenAmount.of(600));
    settle(open);

    Bytes32 id = open.channel(ledger.domain());
    settle(new Intent.TopUp(new IntentId("more"), payer.address(), id, TokenAmount.of(300)));

    assertEquals(TokenAmount.of(900), ledger.channel(id).orElseThrow().deposit());
    assertEquals(TokenAmount.of(100), ledger.balance(token, payer.address()));
    Outcome poor =
        ledger.submit(
            new Intent.TopUp(new IntentId("poor"), payer.address(), id, TokenAmount.of(101)));
    assertEquals(
        LedgerError.INSUFFICIENT_BALANCE, assertInstanceOf(Outcome.Refused.class, poor).error());
  }

  /** What somebody approved before, for another purpose, stands in the way of some tokens. */
  @Test
  void tokenWithAnApprovalLeft_clearedFirst() throws IOException {
    EvmAddress token = token();
    chain.rpc("anvil_impersonateAccount", payer.address().toString());
    chain.rpc(
        "eth_sendTransaction",
        java.util.Map.of(
            "from",
            payer.address().toString(),
            "to",
            token.toString(),
            "data",
            Hex.of(ContractCalls.approve(contract, TokenAmount.of(3)))));
    chain.mine(1);
    Intent.Open open =
        new Intent.Open(
            new IntentId("token"),
            payer.address(),
            PAYEE,
            payer.address(),
            token,
            1000,
            Bytes32.of(filled(0x77)),
            TokenAmount.of(600));

    settle(open);

    assertEquals(
        TokenAmount.of(600), ledger.channel(open.channel(ledger.domain())).orElseThrow().deposit());
  }

  /** A token knows one sum for each owner: two that open at once must not take each other's. */
  @Test
  void tokenOfTwoAtOnce_bothPaidIn() throws IOException {
    EvmAddress token = token();
    Intent.Open one = opening("one", token, 0x71, 600);
    Intent.Open two = opening("two", token, 0x72, 300);
    Outcome first = ledger.submit(one);
    Outcome second = ledger.submit(two);

    for (int tries = 0;
        tries < 100 && (first instanceof Outcome.Pending || second instanceof Outcome.Pending);
        tries++) {
      second = ledger.submit(two);
      first = ledger.submit(one);
    }

    assertInstanceOf(Outcome.Included.class, first);
    assertInstanceOf(Outcome.Included.class, second);
    assertEquals(TokenAmount.of(100), ledger.balance(token, payer.address()));
  }

  private Intent.Open opening(String id, EvmAddress token, int salt, long amount) {
    return new Intent.Open(
        new IntentId(id),
        payer.address(),
        PAYEE,
        payer.address(),
        token,
        1000,
        Bytes32.of(filled(salt)),
        TokenAmount.of(amount));
  }

  @Test
  void sameIntentByManyThreads_doneOnce() throws Exception {
    Intent more = topUp("more");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Outcome>> answers = new ArrayList<>();
      for (int thread = 0; thread < 8; thread++) {
        answers.add(threads.submit(() -> ledger.submit(more)));
      }
      for (Future<Outcome> answer : answers) {
        assertTrue(!(answer.get() instanceof Outcome.Refused));
      }
    }

    settle(more);
    assertDeposit(15);
  }
}
