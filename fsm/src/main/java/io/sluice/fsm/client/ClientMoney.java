package io.sluice.fsm.client;

import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;

import io.sluice.fsm.client.ClientInput.Signed;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.retrieval.TokenAmount;

/**
 * The money side of a paid deal, once its lane is settled.
 *
 * @param lane where it is paid from
 * @param signed what the lane pays with the deal's last voucher, in all; its base before the first
 * @param nonce of the last voucher
 * @param vouchers how many were signed
 */
public record ClientMoney(LaneOpening lane, TokenAmount signed, long nonce, long vouchers) {
  static final MapCodec<ClientMoney> CODEC =
      MapCodec.of(
          f ->
              new ClientMoney(
                  f.get("Lane", LaneOpening.CODEC, ClientMoney::lane),
                  f.get("Signed", AMOUNT, ClientMoney::signed),
                  f.get("Nonce", NodeCodec.LONG, ClientMoney::nonce),
                  f.get("Vouchers", NodeCodec.LONG, ClientMoney::vouchers)));

  static ClientMoney on(LaneOpening lane) {
    return new ClientMoney(lane, lane.base(), 0, 0);
  }

  /** What the deal has signed away so far. */
  public TokenAmount paid() {
    return signed.minusOrZero(lane.base());
  }

  /** Another lane, or another base of the same; how many vouchers were signed stays true. */
  ClientMoney with(LaneOpening other) {
    return new ClientMoney(other, other.base(), nonce, vouchers);
  }

  /** A voucher worth no more than the last one changes nothing. */
  ClientMoney with(Signed input) {
    return input.amount().exceeds(signed)
        ? new ClientMoney(lane, input.amount(), input.nonce(), vouchers + 1)
        : this;
  }
}
