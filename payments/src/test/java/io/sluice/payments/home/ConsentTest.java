package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.ChannelBook;
import io.sluice.payments.PaymentException;
import io.sluice.payments.PaymentRecord;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.payer.LaneTicket;
import io.sluice.payments.payer.PayerSide.ConsentSeeker;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Signature;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Channels that end at once because both ends want it, and those that do not. */
class ConsentTest {
  @TempDir Path directory;
  private Market market;
  private Bytes32 channel;
  private Domain domain;

  @BeforeEach
  void open() throws Exception {
    market = new Market(directory);
    channel = market.deal(1, 5000).channel();
    market.give(1, market.client.pay("c-1", 600));
    domain = market.ledger.domain();
  }

  @AfterEach
  void close() throws IOException {
    market.close();
  }

  private static TokenAmount amount(long units) {
    return TokenAmount.of(units);
  }

  /** The provider answers as it does; what it refuses is thrown. */
  private ConsentSeeker asking() {
    return (on, consent, ours) -> Optional.of(market.provider.payments.consent(on, consent, ours));
  }

  private Optional<Outcome> end(ConsentSeeker by) throws Exception {
    return market.client.payer().closeByConsent(channel, by);
  }

  private static DealCode refusal(org.junit.jupiter.api.function.Executable act) {
    return assertThrows(PaymentException.class, act).code();
  }

  private long deadline() throws IOException {
    return market.ledger.head().time().plusSeconds(300).getEpochSecond();
  }

  private Signature sign(CloseConsent consent) {
    return market.client.key.sign(consent.digest(domain));
  }

  private DealCode refusal(CloseConsent consent) {
    return refusal(() -> market.provider.payments.consent(domain, consent, sign(consent)));
  }

  @Test
  void consented_bothGetTheirsAndTheBooksAgree() throws Exception {
    market.end(1, 600);

    assertInstanceOf(Outcome.Included.class, end(asking()).orElseThrow());
    market.poll();

    assertEquals("closed", market.client.book(ChannelBook.Role.PAYER).state());
    assertEquals(amount(600), market.provider.book(ChannelBook.Role.PAYEE).redeemed());
    assertEquals(amount(600), market.ledger.credit(Home.COIN, market.provider.key.address()));
    assertEquals(amount(4400), market.ledger.credit(Home.COIN, market.client.key.address()));
  }

  @Test
  void dealRuns_neitherAsksNorAgrees() throws Exception {
    CloseConsent consent = new CloseConsent(channel, amount(600), deadline());

    assertEquals(DealCode.CHANNEL_IN_USE, refusal(() -> end(asking())));
    assertEquals(DealCode.CLOSE_REFUSED, refusal(consent));
    market.client.leave("c-1");
    assertEquals(DealCode.CLOSE_REFUSED, refusal(() -> end(asking())));
  }

  @Test
  void refused_theChannelGoesOn() throws Exception {
    market.client.leave("c-1");
    assertEquals(Optional.empty(), end((on, consent, ours) -> Optional.empty()));
    assertEquals(
        DealCode.CLOSE_REFUSED,
        refusal(() -> end((on, consent, ours) -> Optional.of(ours))),
        "not the payee's");

    LaneTicket next = market.client.acquire("c-2", market.provider.payee(), 100);

    assertEquals(channel, next.channel());
    market.client.pay("c-2", 50);
  }

  /** What the payer signed meanwhile would be lost to the payee. */
  @Test
  void asking_nothingIsPromisedOnItMeanwhile() throws Exception {
    market.end(1, 600);
    end(
        (on, consent, ours) -> {
          LaneTicket other = acquired();
          assertTrue(!other.channel().equals(channel), "another channel");
          return Optional.empty();
        });
  }

  private LaneTicket acquired() {
    try {
      return market.client.acquire("c-3", market.provider.payee(), 100);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void agreed_onlyToWhatTheVouchersComeTo() throws Exception {
    market.end(1, 600);

    assertEquals(
        DealCode.CLOSE_REFUSED, refusal(new CloseConsent(channel, amount(599), deadline())));
    assertEquals(
        DealCode.CLOSE_REFUSED, refusal(new CloseConsent(channel, amount(601), deadline())));
    long late = market.ledger.head().time().plusSeconds(601).getEpochSecond();
    assertEquals(DealCode.CLOSE_REFUSED, refusal(new CloseConsent(channel, amount(600), late)));
    long past = market.ledger.head().time().minusSeconds(1).getEpochSecond();
    assertEquals(DealCode.CLOSE_REFUSED, refusal(new CloseConsent(channel, amount(600), past)));
    CloseConsent good = new CloseConsent(channel, amount(600), deadline());
    assertEquals(
        DealCode.CLOSE_REFUSED,
        refusal(
            () ->
                market.provider.payments.consent(
                    domain, good, market.provider.key.sign(good.digest(domain)))),
        "a stranger asks");
    assertEquals(
        DealCode.CLOSE_REFUSED,
        refusal(
            () ->
                market.provider.payments.consent(
                    new Domain(1, domain.contract()), good, sign(good))));
    assertEquals(
        DealCode.CHANNEL_UNKNOWN,
        refusal(new CloseConsent(Bytes32.of(new byte[32]), amount(600), deadline())));
    market.provider.payments.consent(domain, good, sign(good));
  }

  @Test
  void agreed_noDealBeginsUntilTheDeadlineIsOver_alsoAfterARestart() throws Exception {
    market.end(1, 600);
    CloseConsent consent = new CloseConsent(channel, amount(600), deadline());
    Signature first = market.provider.payments.consent(domain, consent, sign(consent));
    assertEquals(first, market.provider.payments.consent(domain, consent, sign(consent)), "again");
    assertEquals(
        DealCode.CLOSE_REFUSED,
        refusal(new CloseConsent(channel, amount(600), deadline() + 1)),
        "one at a time");

    market.provider.restart();
    LaneTicket ticket = market.client.acquire("c-2", market.provider.payee(), 100);
    assertEquals(DealCode.CHANNEL_CLOSING, opening(ticket));
    market.provider.start(List.copyOf(market.provider.payments.snapshot()));
    assertEquals(DealCode.CHANNEL_CLOSING, opening(ticket));

    market.clock.turn(Duration.ofSeconds(301));
    market.bound(2, ticket, Market.TERMS);
  }

  private DealCode opening(LaneTicket ticket) {
    OpeningDecision decision =
        market.provider.open(
            "p-2", market.client.opening(ticket, 2, Market.TERMS, market.provider.payee()));
    return assertInstanceOf(OpeningDecision.OpeningRefused.class, decision, decision.toString())
        .code();
  }

  @Test
  void diskFails_nothingIsSignedAndDealsBegin() throws Exception {
    market.end(1, 600);
    CloseConsent consent = new CloseConsent(channel, amount(600), deadline());
    market.provider.diskFails = true;
    assertThrows(
        IOException.class, () -> market.provider.payments.consent(domain, consent, sign(consent)));
    market.provider.diskFails = false;

    market.deal(2, 100);
  }

  /** The answer of the ledger is lost: the intent is durable, and tried again at the next start. */
  @Test
  void killedBeforeTheLedger_closedAfterwards() throws Exception {
    market.end(1, 600);
    int before = market.client.journal.size();
    market.client.afterAppend =
        () -> {
          if (market.client.journal.getLast() instanceof PaymentRecord.IntentPlanned) {
            throw new IOException("killed");
          }
        };
    assertThrows(IOException.class, () -> end(asking()));
    market.client.afterAppend = () -> {};
    assertTrue(market.client.journal.size() > before);

    market.client.restart();
    market.poll();

    assertEquals("closed", market.client.book(ChannelBook.Role.PAYER).state());
    assertEquals(amount(600), market.ledger.credit(Home.COIN, market.provider.key.address()));
  }

  /** The consent came too late: the ledger refuses it, and the channel is as good as before. */
  @Test
  void deadlinePassed_theChannelGoesOn() throws Exception {
    market.end(1, 600);

    Outcome outcome =
        end((on, consent, ours) -> {
              Signature given = market.provider.payments.consent(on, consent, ours);
              market.clock.turn(Duration.ofMinutes(11));
              return Optional.of(given);
            })
            .orElseThrow();

    assertInstanceOf(Outcome.Refused.class, outcome);
    market.deal(2, 100);
    assertEquals(channel, market.provider.account("p-2").channel());
  }
}
