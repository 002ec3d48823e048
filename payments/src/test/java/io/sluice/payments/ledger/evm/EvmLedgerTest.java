package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.payments.ledger.ChannelLedger;
import io.sluice.payments.ledger.ChannelLedgerContract;
import io.sluice.payments.ledger.Cursor;
import io.sluice.payments.ledger.Head;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.LedgerStanding.Reorganisations;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a real chain does what every ledger does; so does what is seen of it. */
class EvmLedgerTest extends ChannelLedgerContract {
  private static final ContractCode.Bounds BOUNDS = new ContractCode.Bounds(1, 30L * 24 * 3600);
  private static TestChain chain;

  @TempDir Path directory;
  private EvmSettings settings;

  @BeforeAll
  static void start() throws IOException, InterruptedException {
    Anvil.needed();
    chain = TestChain.free();
    chain.knows(PAYER, PAYEE, STRANGER);
  }

  @AfterAll
  static void stop() throws IOException {
    if (chain != null) {
      chain.close();
    }
  }

  @Override
  protected ChannelLedger ledger(TokenAmount funds) throws IOException {
    chain.give(PAYER.address(), funds);
    chain.give(PAYEE.address(), TokenAmount.ZERO);
    chain.give(STRANGER.address(), TokenAmount.ZERO);
    settings = chain.settings(chain.deploy(BOUNDS), directory.resolve("outbox"));
    return chain.open(settings);
  }

  @Override
  protected void advance(Duration by) throws IOException {
    chain.advance(by);
  }

  /** A chain's next block is later than its newest. */
  @Override
  protected long soon() throws IOException {
    return super.soon() + 500;
  }

  private Intent topUp(Bytes32 channel, long units) {
    return new Intent.TopUp(id(), PAYER.address(), channel, amount(units));
  }

  @Test
  void openedAgain_knowsWhatItDid() throws IOException {
    Intent.Open open = opening(1, 10);
    Outcome first = ledger.submit(open);
    ledger.close();

    ledger = chain.open(settings);

    assertEquals(first, ledger.submit(open));
    assertEquals(amount(990), ledger.balance(COIN, PAYER.address()));
  }

  @Test
  void events_namedByIntentOrTransaction_fromTheFirstBlockOn() throws IOException {
    Bytes32 id = opened(1, 10);
    Intent more = topUp(id, 5);
    included(more);

    List<LedgerEvent> seen = ledger.events(Cursor.START, 10).events();
    assertEquals(2, seen.size());
    assertEquals(more.id(), seen.get(1).at().intent());
    try (ChannelLedger other =
        chain.open(chain.settings(ledger.domain().contract(), directory.resolve("other")))) {
      List<LedgerEvent> strange = other.events(Cursor.START, 10).events();
      assertEquals(64, strange.get(1).at().intent().value().length());
      assertEquals(seen.get(1).at().time(), strange.get(1).at().time());
    }
  }

  @Test
  void before_beginsWithWhatHappenedSince() throws IOException {
    Bytes32 id = opened(1, 10);
    included(topUp(id, 1));
    advance(Duration.ofHours(1));
    Instant since = ledger.head().time();
    included(topUp(id, 2));
    advance(Duration.ofHours(1));

    List<LedgerEvent> seen = ledger.events(ledger.before(since), 10).events();

    assertEquals(1, seen.size());
    assertEquals(amount(13), ((LedgerEvent.ChannelToppedUp) seen.getFirst()).deposit());
    assertEquals(3, ledger.events(ledger.before(Instant.EPOCH), 10).events().size());
    assertEquals(
        List.of(), ledger.events(ledger.before(ledger.head().time().plusSeconds(1)), 10).events());
  }

  @Test
  void finality_holdsBackWhatIsTooYoung() throws IOException {
    Bytes32 id = opened(1, 10);
    EvmSettings deep =
        new EvmSettings(
            settings.domain(),
            settings.endpoints(),
            new Finality.Finalized(1),
            settings.maxFeePerGas(),
            "TEST",
            18,
            0,
            directory.resolve("deep"),
            settings.limits());
    try (ChannelLedger other = chain.open(deep)) {
      Head head = other.head();
      assertEquals(head.height() - 2, head.counted(1));
      assertEquals(head.height() - 4, head.counted(5));
      assertEquals(java.util.Optional.empty(), other.channel(id, head.counted(1)));
      chain.mine(2);
      Head later = other.head();
      assertEquals(amount(10), other.channel(id, later.counted(1)).orElseThrow().deposit());
    }
  }

  @Test
  void reorganised_voidedAndDoneAgain() throws IOException {
    List<Reorganisations> reorganised = new ArrayList<>();
    for (int depth : new int[] {1, 5, 40}) {
      Cursor before = ledger.end();
      Bytes32 id = opened(depth, 10);
      included(topUp(id, 5));
      included(redeeming(voucher(id, 0, 1, 4)));
      included(settling(id));
      List<LedgerEvent> told = new ArrayList<>();
      Cursor cursor = drain(before, told);
      assertEquals(4, told.size());
      chain.mine(Math.max(0, depth - 4));

      chain.reorganise(depth);

      List<LedgerEvent> after = new ArrayList<>();
      cursor = drain(cursor, after);
      assertEquals(LedgerEvent.Voided.class, after.getFirst().getClass(), "depth " + depth);
      // A block with what was sent again may take a moment.
      for (int tries = 0;
          tries < 1000 && !(after.getLast() instanceof LedgerEvent.SettleStarted);
          tries++) {
        cursor = drain(cursor, after);
      }
      assertEquals(LedgerEvent.SettleStarted.class, after.getLast().getClass(), "depth " + depth);
      assertEquals(amount(4), ledger.channel(id).orElseThrow().redeemed());
      assertEquals(amount(15), ledger.channel(id).orElseThrow().deposit());
      assertEquals("settling", ledger.channel(id).orElseThrow().state());
      reorganised.add(ledger.standing().reorganisations());
    }
    // What was not read yet when it went away was not there.
    assertEquals(
        List.of(new Reorganisations(1, 1), new Reorganisations(2, 4), new Reorganisations(3, 4)),
        reorganised);
  }

  private Cursor drain(Cursor from, List<LedgerEvent> into) throws IOException {
    Cursor cursor = from;
    for (var page = ledger.events(cursor, 3);
        !page.events().isEmpty();
        page = ledger.events(cursor, 3)) {
      into.addAll(page.events());
      cursor = page.next();
    }
    return cursor;
  }

  /** An account that became a contract, by a delegation for one, could say no to its own words. */
  @Test
  void codeAtTheSigner_takesBackNoVoucher() throws IOException {
    Bytes32 id = opened(1, 10);
    chain.rpc("anvil_setCode", PAYER.address().toString(), "0x5f5ffd"); // reverts whatever is asked
    try {
      included(redeeming(voucher(id, 0, 1, 4)));
    } finally {
      chain.rpc("anvil_setCode", PAYER.address().toString(), "0x");
    }

    assertEquals(amount(4), ledger.channel(id).orElseThrow().redeemed());
  }

  /** Nobody is paid by being called, so a recipient that takes nothing stops nobody else. */
  @Test
  void recipientThatTakesNothing_keepsItsCreditAndStopsNobody() throws IOException {
    Bytes32 id = opened(1, 10);
    included(redeeming(voucher(id, 0, 1, 4)));
    EvmAddress deaf = key(0x4a).address();
    chain.rpc("anvil_setCode", deaf.toString(), "0x5f5ffd");

    refused(
        io.sluice.payments.ledger.LedgerError.TRANSFER_FAILED,
        new Intent.Withdraw(id(), PAYEE.address(), COIN, deaf, amount(4)));

    assertEquals(amount(4), ledger.credit(COIN, PAYEE.address()));
    included(settling(id));
    included(new Intent.Withdraw(id(), PAYEE.address(), COIN, PAYEE.address(), amount(4)));
    assertEquals(amount(4), ledger.balance(COIN, PAYEE.address()));
  }

  @Test
  void nobodysKey_notSentAndNotForgotten() throws IOException {
    EvmAddress unknown = key(0x49).address();
    chain.give(unknown, amount(10));
    Intent.Settle settle = new Intent.Settle(id(), unknown, opened(1, 10));

    refused(io.sluice.payments.ledger.LedgerError.NOT_PAYER, settle);
    Intent.Redeem redeem = new Intent.Redeem(id(), unknown, List.of());
    org.junit.jupiter.api.Assertions.assertThrows(IOException.class, () -> ledger.submit(redeem));
    assertEquals(Outcome.Unknown.class, ledger.outcome(redeem.id()).getClass());
  }
}
