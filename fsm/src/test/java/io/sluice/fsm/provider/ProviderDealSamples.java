package io.sluice.fsm.provider;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.EventType;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.provider.ProviderInput.At;
import io.sluice.fsm.provider.ProviderInput.Ended;
import io.sluice.fsm.provider.ProviderInput.Opened;
import io.sluice.fsm.provider.ProviderInput.Paid;
import io.sluice.fsm.provider.ProviderInput.Restarted;
import io.sluice.fsm.provider.ProviderInput.Sent;
import io.sluice.fsm.provider.ProviderInput.Stopped;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.Optional;

/** Deals and inputs for tests of the table. */
final class ProviderDealSamples {

  static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  static final PeerId PEER = PeerId.parse("12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp");
  static final Cid ROOT = Cid.parse("bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
  static final EvmAddress ACCOUNT = EvmAddress.parse("0x" + "11".repeat(20));
  static final Bytes32 HASH = Bytes32.parse("22".repeat(32));

  /** 1 unit a KiB, fee 10, intervals of 1,000 bytes. */
  static final Terms TERMS =
      new Terms(TokenAmount.of(1024), TokenAmount.of(10), 1000, 0, 1000, 600);

  static final LaneUse LANE =
      new LaneUse(
          new Payee(
              1,
              ACCOUNT,
              EvmAddress.ZERO,
              ACCOUNT,
              60,
              TokenAmount.ZERO,
              0,
              Optional.empty(),
              Optional.empty()),
          HASH,
          3,
          TokenAmount.of(500),
          ACCOUNT,
          HASH);

  private ProviderDealSamples() {}

  static ProviderDeal proposed(boolean paid) {
    return ProviderDeal.proposed(
        new ProviderOrder(
            PEER,
            12,
            ROOT,
            Node.map().put(".", Node.map().build()).build(),
            new LeftOut(2, 1, HASH),
            paid),
        -5,
        NOW);
  }

  static At at() {
    return new At(NOW.plusSeconds(1));
  }

  static Opened opened() {
    return new Opened(NOW.plusSeconds(2), TERMS, LANE);
  }

  static Sent sent(long charged) {
    return new Sent(NOW.plusSeconds(3), charged);
  }

  static Paid paid(long credit, long nonce) {
    return new Paid(NOW.plusSeconds(4), TokenAmount.of(credit), nonce, 1);
  }

  static Restarted restarted(long position) {
    return new Restarted(NOW.plusSeconds(5), 77, position);
  }

  static Stopped stopped(long charged, DealCode reason) {
    return new Stopped(NOW.plusSeconds(6), charged, new DealReason(reason, "said so"));
  }

  static Ended ended(long charged, DealOutcome outcome, DealCode reason) {
    return new Ended(NOW.plusSeconds(6), charged, outcome, new DealReason(reason, "said so"));
  }

  /** An input that this event takes. */
  static ProviderInput inputFor(EventType<?> event) {
    return switch (event.name()) {
      case "ADMITTED", "OPENING_MISSING", "GATE_OPENED", "SETTLED" -> at();
      case "OPENED", "OPENED_FEE_FIRST" -> opened();
      case "PROGRESS", "GATE_CLOSED", "ALL_SENT" -> sent(100);
      case "PAID" -> paid(20, 1);
      case "RESTARTED" -> restarted(4);
      case "REFUSED", "SUSPENDED" -> stopped(100, DealCode.TIMEOUT);
      case "ENDED", "ENDED_OWING" -> ended(100, DealOutcome.FAILED, DealCode.TIMEOUT);
      default -> throw new AssertionError(event);
    };
  }
}
