package io.sluice.fsm.client;

import io.sluice.fsm.DealEnd;
import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.fsm.DealStanding;
import io.sluice.fsm.LeftOut;
import io.sluice.fsm.client.ClientInput.Funded;
import io.sluice.fsm.client.ClientInput.Going;
import io.sluice.fsm.client.ClientInput.Left;
import io.sluice.fsm.client.ClientInput.Signed;
import io.sluice.fsm.client.ClientInput.Stopped;
import io.sluice.fsm.client.ClientInput.Verified;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Offer;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.Optional;

/**
 * A retrieval deal as its client knows it. Immutable; the methods named after what happened are the
 * recorders of {@link ClientDeals#TABLE}.
 *
 * @param id the number of the deal, the same on the wire
 * @param order what was agreed
 * @param leftOut what is neither sent nor charged
 * @param progress how far it has come
 * @param money where it is paid from and what was signed; absent in a free deal, and until the lane
 *     is settled
 * @param standing since when it is in its state, why, and its end
 */
public record ClientDeal(
    long id,
    DealOrder order,
    LeftOut leftOut,
    ClientProgress progress,
    Optional<ClientMoney> money,
    DealStanding standing) {
  static final MapCodec<ClientDeal> CODEC =
      MapCodec.of(
          f ->
              new ClientDeal(
                  f.get("ID", NodeCodec.LONG, ClientDeal::id),
                  f.get("Order", DealOrder.CODEC, ClientDeal::order),
                  f.get("LeftOut", LeftOut.CODEC, ClientDeal::leftOut),
                  f.get("Progress", ClientProgress.CODEC, ClientDeal::progress),
                  f.find("Money", ClientMoney.CODEC, ClientDeal::money),
                  f.get("Standing", DealStanding.CODEC, ClientDeal::standing)));

  /** A deal that was just decided on. */
  public static ClientDeal decided(
      long id, DealOrder order, LeftOut leftOut, long transfer, Instant at) {
    return new ClientDeal(
        id,
        order,
        leftOut,
        new ClientProgress(transfer, false, 0, 0, leftOut.skipFirst(), 0),
        Optional.empty(),
        DealStanding.begun(at));
  }

  /** Whether nothing is paid for it. */
  public boolean isFree() {
    return order.offer().isEmpty();
  }

  /** The terms agreed on; absent in a free deal. */
  public Optional<Terms> terms() {
    return order.offer().map(Offer::terms);
  }

  /** What the lane had paid when the deal took it. */
  public TokenAmount base() {
    return money.map(paying -> paying.lane().base()).orElse(TokenAmount.ZERO);
  }

  /** What the deal has signed away so far. */
  public TokenAmount paid() {
    return money.map(ClientMoney::paid).orElse(TokenAmount.ZERO);
  }

  /** In how many vouchers. */
  public long vouchers() {
    return money.map(ClientMoney::vouchers).orElse(0L);
  }

  /** The number of the last voucher on its lane. */
  public long nonce() {
    return money.map(ClientMoney::nonce).orElse(0L);
  }

  /** What is due for the bytes charged and not signed away; nothing before the provider agreed. */
  public TokenAmount owed() {
    return owed(paid());
  }

  /** The same of a deal that has paid so much, perhaps more than it has on record. */
  public TokenAmount owed(TokenAmount paid) {
    return progress.answered()
        ? terms()
            .map(terms -> terms.due(progress.charged()).minusOrZero(paid))
            .orElse(TokenAmount.ZERO)
        : TokenAmount.ZERO;
  }

  /** Why it stands still or ended badly; absent while all goes well. */
  public Optional<DealCode> reason() {
    return standing.reason().map(DealReason::code);
  }

  /** How it ended, if it has. */
  public Optional<DealOutcome> outcome() {
    return standing.end().map(DealEnd::outcome);
  }

  /** What users read as the state of such a deal: of one that has ended, how it did. */
  String stateShown(ClientState state) {
    return outcome().map(Enum::name).orElseGet(state::name);
  }

  private ClientDeal with(ClientProgress other) {
    return new ClientDeal(id, order, leftOut, other, money, standing);
  }

  private ClientDeal with(ClientMoney other) {
    return new ClientDeal(id, order, leftOut, progress, Optional.of(other), standing);
  }

  private ClientDeal with(DealStanding other) {
    return new ClientDeal(id, order, leftOut, progress, money, other);
  }

  ClientDeal moved(ClientInput input) {
    return with(standing.moved(input.at()));
  }

  ClientDeal funded(Funded input) {
    LaneOpening lane = input.lane();
    return moved(input)
        .with(money.map(known -> known.with(lane)).orElseGet(() -> ClientMoney.on(lane)));
  }

  ClientDeal accepted(ClientInput input) {
    return with(progress.withAnswer()).with(standing.goingOn(input.at()));
  }

  ClientDeal verified(Verified input) {
    return with(progress.with(input));
  }

  ClientDeal allVerified(Verified input) {
    return verified(input).moved(input);
  }

  /** Without a lane nothing can have been signed, whatever the event says. */
  ClientDeal signed(Signed input) {
    return money.map(paying -> with(paying.with(input))).orElse(this);
  }

  ClientDeal going(Going input) {
    return with(progress.with(input)).moved(input);
  }

  ClientDeal stopped(Stopped input) {
    return with(standing.because(input.at(), input.reason()));
  }

  ClientDeal ended(ClientInput input, DealOutcome outcome) {
    return with(standing.moved(input.at()).ended(input.at(), outcome));
  }

  ClientDeal left(Left input) {
    return ended(input, input.outcome());
  }
}
