package io.sluice.fsm.provider;

import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.retrieval.FieldCodecs.AMOUNT;

import io.sluice.fsm.provider.ProviderInput.Opened;
import io.sluice.fsm.provider.ProviderInput.Paid;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;

/**
 * The money side of a paid deal, from its opening on.
 *
 * @param terms the exact terms, those of the opening
 * @param lane where it is paid
 * @param credit what counts as paid
 * @param nonce of the highest voucher taken for it
 * @param vouchers how many were taken
 */
public record ProviderMoney(
    Terms terms, LaneUse lane, TokenAmount credit, long nonce, long vouchers) {
  static final MapCodec<ProviderMoney> CODEC =
      MapCodec.of(
          f ->
              new ProviderMoney(
                  f.get("Terms", Terms.CODEC, ProviderMoney::terms),
                  f.get("Lane", LaneUse.CODEC, ProviderMoney::lane),
                  f.get("Credit", AMOUNT, ProviderMoney::credit),
                  f.get("Nonce", LONG, ProviderMoney::nonce),
                  f.get("Vouchers", LONG, ProviderMoney::vouchers)));

  static ProviderMoney on(Opened input) {
    return new ProviderMoney(input.terms(), input.lane(), TokenAmount.ZERO, 0, 0);
  }

  /** What is not paid of what is due for so many charged bytes, fee included. */
  public TokenAmount owed(long charged) {
    return terms.due(charged).minusOrZero(credit);
  }

  ProviderMoney with(Paid input) {
    return new ProviderMoney(
        terms,
        lane,
        credit.max(input.credit()),
        Math.max(nonce, input.nonce()),
        vouchers + input.vouchers());
  }
}
