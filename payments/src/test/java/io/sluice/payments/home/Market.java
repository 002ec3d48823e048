package io.sluice.payments.home;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.sluice.payments.DealRef;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.embedded.EmbeddedLedger;
import io.sluice.payments.payee.Credit;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.payments.payee.VoucherDecision;
import io.sluice.payments.payer.LaneTicket;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** A client's home and a provider's on one ledger, with a clock turned by hand. */
final class Market implements AutoCloseable {
  /** One unit a byte, windows of 1000 bytes. */
  static final Terms TERMS =
      new Terms(TokenAmount.of(Terms.MIB), TokenAmount.ZERO, 1000, 0, 1000, 600);

  /** A clock that stands still until it is turned. */
  static final class HandClock extends Clock {
    private Instant now = Instant.parse("2025-06-01T00:00:00Z");

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public synchronized Instant instant() {
      return now;
    }

    synchronized void turn(Duration by) {
      now = now.plus(by);
    }
  }

  final HandClock clock = new HandClock();
  final EmbeddedLedger ledger;
  final Home client;
  final Home provider;

  Market(Path directory) throws IOException {
    this(directory, 1_000_000, 0, 1);
  }

  Market(Path directory, long maxDeposit, long minDeposit, long confirmations) throws IOException {
    ledger = EmbeddedLedger.open(directory.resolve("ledger"), clock, new SecureRandom());
    client = new Home(1, ledger, clock, maxDeposit, 0, confirmations);
    provider = new Home(2, ledger, clock, maxDeposit, minDeposit, confirmations);
    ledger.faucet(
        new IntentId("gift"), Home.COIN, client.key.address(), TokenAmount.of(10_000_000));
  }

  void poll() throws IOException {
    client.payments.poll();
    provider.payments.poll();
  }

  /** A deal of that number, its lane taken and bound at both ends. */
  DealAccount deal(long number, long budget) throws Exception {
    return deal(number, budget, TERMS);
  }

  DealAccount deal(long number, long budget, Terms terms) throws Exception {
    LaneTicket ticket = client.acquire("c-" + number, provider.payee(), budget);
    return bound(number, ticket, terms);
  }

  DealAccount bound(long number, LaneTicket ticket, Terms terms) throws IOException {
    OpeningDecision opening =
        provider.open("p-" + number, client.opening(ticket, number, terms, provider.payee()));
    OpeningDecision.Admitted admitted =
        assertInstanceOf(OpeningDecision.Admitted.class, opening, opening.toString());
    return provider.done(admitted.account());
  }

  /** Hands a voucher over and makes it durable; what it counts for. */
  Credit give(long number, SignedVoucher voucher) throws IOException {
    VoucherDecision judgement = judge(number, voucher);
    return provider.done(
        assertInstanceOf(VoucherDecision.Kept.class, judgement, judgement.toString()).taken());
  }

  VoucherDecision judge(long number, SignedVoucher voucher) {
    return provider
        .payeeSide()
        .receive(new DealRef("p-" + number), voucher.payment(number, 0, false));
  }

  void end(long number, long charged) throws IOException {
    client.leave("c-" + number);
    provider.done(provider.payeeSide().ended(new DealRef("p-" + number), charged));
  }

  @Override
  public void close() throws IOException {
    ledger.close();
  }
}
