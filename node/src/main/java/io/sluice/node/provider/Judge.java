package io.sluice.node.provider;

import io.sluice.fsm.LeftOut;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.provider.ProviderDeal;
import io.sluice.node.pricing.PriceList;
import io.sluice.payments.Prepared;
import io.sluice.payments.payee.DealAccount;
import io.sluice.payments.payee.OpenRequest;
import io.sluice.payments.payee.OpeningDecision;
import io.sluice.protocol.datatransfer.PullRequest;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.Terms;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;

/**
 * Finds what speaks against a proposal, and the account of an opening that nothing speaks against.
 */
final class Judge {
  private static final int PREVIOUS_PAID = 3;

  private final DealDesk desk;
  private final DealCourse course;
  private final BlockStore blocks;
  private final PriceList prices;
  private final ProviderLimits limits;

  Judge(
      DealDesk desk,
      DealCourse course,
      BlockStore blocks,
      PriceList prices,
      ProviderLimits limits) {
    this.desk = desk;
    this.course = course;
    this.blocks = blocks;
    this.prices = prices;
    this.limits = limits;
  }

  // openings

  /** An opening and what it binds, or why not. */
  record Judged(Optional<Refusal> no, Optional<Prepared<DealAccount>> bound) {
    static Judged no(Refusal why) {
      return new Judged(Optional.of(why), Optional.empty());
    }
  }

  Judged judge(Wish wish, DealOpening open) {
    PullRequest request = wish.request();
    return judge(wish.id(), wish.number(), wish.peer(), request.root(), request.selector(), open);
  }

  /** Judges an opening, whichever way it came. The lane it binds is reserved until decided. */
  Judged judge(MachineId id, long number, PeerId peer, Cid root, Node selector, DealOpening open) {
    if (open.id() != number) {
      return Judged.no(
          Refusal.of(DealCode.OPEN_BAD_SIGNATURE, "the opening is for deal " + open.id()));
    }
    OpenRequest asked =
        new OpenRequest(DealDesk.refOf(id), open, peer, desk.self(), root, selector);
    for (int tries = 0; tries <= PREVIOUS_PAID; tries++) {
      switch (desk.payments().payee().open(asked)) {
        case OpeningDecision.OpeningRefused refused -> {
          return Judged.no(Refusal.of(refused));
        }
        case OpeningDecision.PreviousPaid previous -> payPrevious(previous);
        case OpeningDecision.Admitted admitted -> {
          Optional<Refusal> no = absent(root).or(() -> unoffered(root, open.terms()));
          if (no.isPresent()) {
            admitted.account().release();
            return Judged.no(no.get());
          }
          return new Judged(Optional.empty(), Optional.of(admitted.account()));
        }
      }
    }
    return Judged.no(Refusal.of(DealCode.LANE_BUSY, "the lane's vouchers keep changing"));
  }

  /** A voucher that came with the next deal's opening pays for the deal before it. */
  private void payPrevious(OpeningDecision.PreviousPaid previous) {
    MachineId before = new MachineId(previous.previous().value());
    if (desk.find(before).filter(view -> !view.ended()).isPresent()) {
      // If it ends in this very moment, the opening is judged again and brings the voucher again.
      Vouchers.credit(desk, before, previous.paid()).join();
    } else {
      try {
        desk.payments().append(previous.paid());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    course.look(before);
  }

  // the content, its price, and the load

  Optional<Refusal> unoffered(Cid root, Terms terms) {
    return switch (prices.judge(root, terms)) {
      case OFFERED -> Optional.empty();
      case NOT_OFFERED ->
          Optional.of(Refusal.of(DealCode.NOT_OFFERED, "that content has no price here"));
      case PRICE_TOO_LOW ->
          Optional.of(
              Refusal.of(
                  DealCode.PRICE_TOO_LOW,
                  "below the price; ask for it on " + RetrievalNames.ASK_PROTOCOL));
      case INTERVAL_OUT_OF_RANGE ->
          Optional.of(
              Refusal.of(DealCode.INTERVAL_OUT_OF_RANGE, "the payment intervals are out of range"));
    };
  }

  Optional<Refusal> absent(Cid root) {
    return blocks.has(root)
        ? Optional.empty()
        : Optional.of(Refusal.of(DealCode.NOT_FOUND, "that content is not here"));
  }

  Optional<Refusal> crowded(PeerId peer) {
    if (desk.running() >= limits.deals() || desk.running(peer) >= limits.dealsPerPeer()) {
      return Optional.of(Refusal.later(DealCode.TOO_MANY_DEALS, "too many deals run already", 30));
    }
    return Optional.empty();
  }

  // what does not fit a deal that is known

  static Optional<Refusal> different(Wish wish, ProviderDeal deal) {
    PullRequest request = wish.request();
    boolean same =
        deal.peer().equals(wish.peer())
            && deal.root().equals(request.root())
            && deal.selector().equals(request.selector())
            && deal.paid() == wish.money();
    boolean sameOpening =
        deal.lane().isEmpty()
            || wish.openingHash()
                .map(deal.lane().get().opening()::equals)
                .orElse(
                    // A client that cannot add the extension gave its opening as a voucher before.
                    request.kind() == PullRequest.PullKind.RESTART
                        && request.channel().transfer() == deal.transfer());
    return same && sameOpening
        ? Optional.empty()
        : Optional.of(
            Refusal.of(
                DealCode.DEAL_ID_TAKEN, "deal " + deal.id() + " was opened for something else"));
  }

  /**
   * What the first request left out is free for good, so a later one must leave out no less.
   * Clients of old list what they have received, so free deals are not held to it.
   */
  static Optional<Refusal> movedExclusions(Wish wish, ProviderDeal deal) {
    Exclusions asked = wish.request().asked();
    boolean same =
        !deal.paid()
            || (asked.skipFirst() >= deal.leftOut().skipFirst()
                && LeftOut.of(asked).list().equals(deal.leftOut().list()));
    return same
        ? Optional.empty()
        : Optional.of(
            Refusal.of(
                DealCode.EXCLUSIONS_CHANGED,
                "the request leaves out other blocks than the deal's first one did"));
  }
}
