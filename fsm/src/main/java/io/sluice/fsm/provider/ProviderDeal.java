package io.sluice.fsm.provider;

import io.sluice.fsm.LeftOut;
import io.sluice.fsm.provider.ProviderInput.At;
import io.sluice.fsm.provider.ProviderInput.Opened;
import io.sluice.fsm.provider.ProviderInput.Paid;
import io.sluice.fsm.provider.ProviderInput.Restarted;
import io.sluice.fsm.provider.ProviderInput.Sent;
import io.sluice.fsm.provider.ProviderInput.Stopped;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * A retrieval deal as its provider knows it. Immutable; the methods named after what happened are
 * the recorders of {@link ProviderDeals#TABLE}.
 *
 * @param peer the client
 * @param id the client's number for the deal
 * @param root root of the content
 * @param selector what of it
 * @param transfer number of the transfer channel in use, unsigned
 * @param leftOut what is neither sent nor charged
 * @param paid whether money was spoken of; a free deal has neither terms nor lane
 * @param terms the exact terms, from the opening on
 * @param lane where it is paid, from the opening on
 * @param credit what counts as paid
 * @param nonce of the highest voucher taken for it
 * @param vouchers how many were taken
 * @param charged bytes charged, as last recorded
 * @param position most visits that a restart has had behind it
 * @param restarts restarts since the position last moved
 * @param reason why it stands still or ended badly, a code by name; else empty
 * @param message the same for a person; else empty
 * @param started when it was proposed
 * @param since when it came into the state it is in
 * @param ended when it ended, paid or not
 */
public record ProviderDeal(
    PeerId peer,
    long id,
    Cid root,
    Node selector,
    long transfer,
    LeftOut leftOut,
    boolean paid,
    Optional<Terms> terms,
    Optional<PaidOn> lane,
    TokenAmount credit,
    long nonce,
    long vouchers,
    long charged,
    long position,
    long restarts,
    String reason,
    String message,
    Instant started,
    Instant since,
    Optional<Instant> ended) {

  /** Checks that nothing is null. */
  public ProviderDeal {
    Objects.requireNonNull(peer, "peer");
    Objects.requireNonNull(root, "root");
    Objects.requireNonNull(selector, "selector");
    Objects.requireNonNull(leftOut, "leftOut");
    Objects.requireNonNull(terms, "terms");
    Objects.requireNonNull(lane, "lane");
    Objects.requireNonNull(credit, "credit");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(started, "started");
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(ended, "ended");
  }

  /** A deal that was just proposed. */
  public static ProviderDeal proposed(
      PeerId peer,
      long id,
      Cid root,
      Node selector,
      long transfer,
      LeftOut leftOut,
      boolean paid,
      Instant at) {
    return new ProviderDeal(
        peer,
        id,
        root,
        selector,
        transfer,
        leftOut,
        paid,
        Optional.empty(),
        Optional.empty(),
        TokenAmount.ZERO,
        0,
        0,
        0,
        leftOut.skipFirst(),
        0,
        "",
        "",
        at,
        at,
        Optional.empty());
  }

  /** What is due for the bytes charged, fee included; nothing without terms. */
  public TokenAmount due() {
    return terms.map(agreed -> agreed.due(charged)).orElse(TokenAmount.ZERO);
  }

  /** What of {@link #due} is not paid. */
  public TokenAmount owed() {
    return due().minusOrZero(credit);
  }

  /**
   * What a deal that ends early leaves unpaid: as {@link #owed}, but a fee for which no byte was
   * ever charged is not owed.
   */
  public TokenAmount leftUnpaid(long chargedAtEnd) {
    return chargedAtEnd == 0
        ? TokenAmount.ZERO
        : terms
            .map(agreed -> agreed.due(chargedAtEnd).minusOrZero(credit))
            .orElse(TokenAmount.ZERO);
  }

  ProviderDeal moved(ProviderInput input) {
    return new Draft(this).since(input.at()).build();
  }

  ProviderDeal opened(Opened input) {
    Draft draft = new Draft(this).since(input.at());
    draft.terms = Optional.of(input.terms());
    draft.lane = Optional.of(input.lane());
    return draft.build();
  }

  ProviderDeal progressed(Sent input) {
    return new Draft(this).charged(input.charged()).build();
  }

  ProviderDeal sent(Sent input) {
    return new Draft(this).charged(input.charged()).since(input.at()).build();
  }

  ProviderDeal credited(Paid input) {
    Draft draft = new Draft(this);
    draft.credit = credit.max(input.credit());
    draft.nonce = Math.max(nonce, input.nonce());
    draft.vouchers = vouchers + input.vouchers();
    return draft.build();
  }

  ProviderDeal restarted(Restarted input) {
    Draft draft = new Draft(this).since(input.at()).saying("", "");
    draft.transfer = input.transfer();
    draft.restarts = input.position() > position ? 0 : restarts + 1;
    draft.position = Math.max(position, input.position());
    return draft.build();
  }

  ProviderDeal stopped(Stopped input) {
    return new Draft(this)
        .charged(input.charged())
        .since(input.at())
        .saying(input.reason(), input.message())
        .build();
  }

  ProviderDeal ended(Stopped input) {
    Draft draft = new Draft(stopped(input));
    draft.ended = Optional.of(input.at());
    return draft.build();
  }

  ProviderDeal settled(At input) {
    Draft draft = new Draft(this).since(input.at());
    draft.ended = ended.isPresent() ? ended : Optional.of(input.at());
    return draft.build();
  }

  /** A copy being changed; only recorders use it. */
  private static final class Draft {
    private final ProviderDeal from;
    private long transfer;
    private Optional<Terms> terms;
    private Optional<PaidOn> lane;
    private TokenAmount credit;
    private long nonce;
    private long vouchers;
    private long charged;
    private long position;
    private long restarts;
    private String reason;
    private String message;
    private Instant since;
    private Optional<Instant> ended;

    Draft(ProviderDeal from) {
      this.from = from;
      this.transfer = from.transfer;
      this.terms = from.terms;
      this.lane = from.lane;
      this.credit = from.credit;
      this.nonce = from.nonce;
      this.vouchers = from.vouchers;
      this.charged = from.charged;
      this.position = from.position;
      this.restarts = from.restarts;
      this.reason = from.reason;
      this.message = from.message;
      this.since = from.since;
      this.ended = from.ended;
    }

    Draft since(Instant at) {
      since = at;
      return this;
    }

    Draft charged(long total) {
      charged = Math.max(charged, total);
      return this;
    }

    Draft saying(String code, String text) {
      reason = code;
      message = text;
      return this;
    }

    ProviderDeal build() {
      return new ProviderDeal(
          from.peer,
          from.id,
          from.root,
          from.selector,
          transfer,
          from.leftOut,
          from.paid,
          terms,
          lane,
          credit,
          nonce,
          vouchers,
          charged,
          position,
          restarts,
          reason,
          message,
          from.started,
          since,
          ended);
    }
  }
}
