package io.sluice.fsm.client;

import io.sluice.fsm.LeftOut;
import io.sluice.fsm.client.ClientInput.Funded;
import io.sluice.fsm.client.ClientInput.Going;
import io.sluice.fsm.client.ClientInput.Signed;
import io.sluice.fsm.client.ClientInput.Stopped;
import io.sluice.fsm.client.ClientInput.Verified;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A retrieval deal as its client knows it. Immutable; the methods named after what happened are the
 * recorders of {@link ClientDeals#TABLE}.
 *
 * @param provider who sells
 * @param addresses where the provider was reached
 * @param id the number of the deal, the same on the wire
 * @param root root of the content
 * @param selector what of it
 * @param transfer number of the transfer channel in use
 * @param leftOut what is neither sent nor charged
 * @param offer the offer taken; absent in a free deal
 * @param budget most that the deal may pay
 * @param lane where it is paid from, once that is settled
 * @param signed what the lane pays with the deal's last voucher, in all; its base before the first
 * @param nonce of the last voucher
 * @param vouchers how many were signed
 * @param charged bytes that count as charged
 * @param received bytes of blocks received, those sent again too
 * @param position visits of the walk that are verified and synced
 * @param retries attempts since the position last moved
 * @param answered whether the provider has agreed once
 * @param reason why it stands still or ended badly, a code by name; else empty
 * @param message the same for a person; else empty
 * @param started when it was made
 * @param since when it came into the state it is in
 * @param ended when it ended
 */
public record ClientDeal(
    PeerId provider,
    List<Multiaddr> addresses,
    long id,
    Cid root,
    Node selector,
    long transfer,
    LeftOut leftOut,
    Optional<Offer> offer,
    TokenAmount budget,
    Optional<PaidFrom> lane,
    TokenAmount signed,
    long nonce,
    long vouchers,
    long charged,
    long received,
    long position,
    long retries,
    boolean answered,
    String reason,
    String message,
    Instant started,
    Instant since,
    Optional<Instant> ended) {

  /** Checks that nothing is null. */
  public ClientDeal {
    Objects.requireNonNull(provider, "provider");
    addresses = List.copyOf(addresses);
    Objects.requireNonNull(root, "root");
    Objects.requireNonNull(selector, "selector");
    Objects.requireNonNull(leftOut, "leftOut");
    Objects.requireNonNull(offer, "offer");
    Objects.requireNonNull(budget, "budget");
    Objects.requireNonNull(lane, "lane");
    Objects.requireNonNull(signed, "signed");
    Objects.requireNonNull(reason, "reason");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(started, "started");
    Objects.requireNonNull(since, "since");
    Objects.requireNonNull(ended, "ended");
  }

  /** A deal that was just decided on. */
  public static ClientDeal decided(
      PeerId provider,
      List<Multiaddr> addresses,
      long id,
      Cid root,
      Node selector,
      long transfer,
      LeftOut leftOut,
      Optional<Offer> offer,
      TokenAmount budget,
      Instant at) {
    return new ClientDeal(
        provider,
        addresses,
        id,
        root,
        selector,
        transfer,
        leftOut,
        offer,
        budget,
        Optional.empty(),
        TokenAmount.ZERO,
        0,
        0,
        0,
        0,
        leftOut.skipFirst(),
        0,
        false,
        "",
        "",
        at,
        at,
        Optional.empty());
  }

  /** Whether nothing is paid for it. */
  public boolean isFree() {
    return offer.isEmpty();
  }

  /** The terms agreed on; absent in a free deal. */
  public Optional<Terms> terms() {
    return offer.map(Offer::terms);
  }

  /** What the lane had paid when the deal took it. */
  public TokenAmount base() {
    return lane.map(PaidFrom::base).orElse(TokenAmount.ZERO);
  }

  /** What the deal has signed away so far. */
  public TokenAmount paid() {
    return signed.minusOrZero(base());
  }

  /**
   * What is due for the bytes charged, fee included once the provider has agreed; nothing in a free
   * deal.
   */
  public TokenAmount due() {
    return terms().map(terms -> terms.due(charged)).orElse(TokenAmount.ZERO);
  }

  ClientDeal moved(ClientInput input) {
    return new Draft(this).since(input.at()).build();
  }

  ClientDeal funded(Funded input) {
    Draft draft = new Draft(this).since(input.at());
    draft.lane = Optional.of(input.lane());
    draft.signed = input.lane().base();
    return draft.build();
  }

  ClientDeal accepted(ClientInput input) {
    Draft draft = new Draft(this).since(input.at()).saying("", "");
    draft.answered = true;
    return draft.build();
  }

  ClientDeal verified(Verified input) {
    Draft draft = new Draft(this);
    draft.charged = Math.max(charged, input.charged());
    draft.received = Math.max(received, input.received());
    if (input.position() > position) {
      draft.position = input.position();
      draft.retries = 0;
    }
    return draft.build();
  }

  ClientDeal allVerified(Verified input) {
    return new Draft(verified(input)).since(input.at()).build();
  }

  ClientDeal signed(Signed input) {
    Draft draft = new Draft(this);
    if (input.amount().exceeds(signed)) {
      draft.signed = input.amount();
      draft.nonce = input.nonce();
      draft.vouchers = vouchers + 1;
    }
    return draft.build();
  }

  ClientDeal going(Going input) {
    Draft draft = new Draft(this).since(input.at());
    draft.transfer = input.transfer();
    draft.retries = retries + 1;
    return draft.build();
  }

  ClientDeal stopped(Stopped input) {
    return new Draft(this).since(input.at()).saying(input.reason(), input.message()).build();
  }

  ClientDeal ended(Stopped input) {
    Draft draft = new Draft(stopped(input));
    draft.ended = Optional.of(input.at());
    return draft.build();
  }

  ClientDeal done(ClientInput input) {
    Draft draft = new Draft(this).since(input.at());
    draft.ended = Optional.of(input.at());
    return draft.build();
  }

  /** A copy being changed; only recorders use it. */
  private static final class Draft {
    private final ClientDeal from;
    private long transfer;
    private Optional<PaidFrom> lane;
    private TokenAmount signed;
    private long nonce;
    private long vouchers;
    private long charged;
    private long received;
    private long position;
    private long retries;
    private boolean answered;
    private String reason;
    private String message;
    private Instant since;
    private Optional<Instant> ended;

    Draft(ClientDeal from) {
      this.from = from;
      this.transfer = from.transfer;
      this.lane = from.lane;
      this.signed = from.signed;
      this.nonce = from.nonce;
      this.vouchers = from.vouchers;
      this.charged = from.charged;
      this.received = from.received;
      this.position = from.position;
      this.retries = from.retries;
      this.answered = from.answered;
      this.reason = from.reason;
      this.message = from.message;
      this.since = from.since;
      this.ended = from.ended;
    }

    Draft since(Instant at) {
      since = at;
      return this;
    }

    Draft saying(String code, String text) {
      reason = code;
      message = text;
      return this;
    }

    ClientDeal build() {
      return new ClientDeal(
          from.provider,
          from.addresses,
          from.id,
          from.root,
          from.selector,
          transfer,
          from.leftOut,
          from.offer,
          from.budget,
          lane,
          signed,
          nonce,
          vouchers,
          charged,
          received,
          position,
          retries,
          answered,
          reason,
          message,
          from.started,
          since,
          ended);
    }
  }
}
