package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.payments.Lane;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One lane at the payer: which deal has it now, and whether a voucher is just being signed. */
final class PayerLane extends Lane {
  private @Nullable LaneHold hold;

  /** The deal that had it last, as far as is known. */
  private @Nullable DealRef last;

  /** Whether the payee may count more for {@link #last} than was paid. */
  private boolean mayOwe;

  /** Whether a voucher is signed that is neither durable nor given up: the next must wait. */
  private boolean signing;

  PayerLane(long number) {
    super(number);
  }

  /** What is to be signed next. Two at a time could share a nonce. */
  Voucher next(Bytes32 channel, TokenAmount total) {
    if (signing) {
      throw new IllegalStateException("lane %d: last voucher not done".formatted(number()));
    }
    signing = true;
    return new Voucher(channel, number(), nonce() + 1, total);
  }

  /** The voucher that was signed is durable, or given up. */
  void signed() {
    signing = false;
  }

  @Nullable LaneHold hold() {
    return hold;
  }

  void heldBy(@Nullable LaneHold by) {
    hold = by;
    if (by != null) {
      mayOwe = mayOwe && by.deal().equals(last);
      last = by.deal();
    }
  }

  /** The deal that had it last, if that may still be asked for money. */
  Optional<DealRef> debtor() {
    return Optional.ofNullable(last).filter(deal -> mayOwe);
  }

  /** The deal that has it may still owe something when it has left. */
  void keepForDebt() {
    mayOwe = true;
  }

  /**
   * Whether no deal has come after one that is over: what is signed now counts for that one still.
   *
   * @param signed up to where that deal had signed
   */
  boolean isStillOf(DealRef deal, TokenAmount signed) {
    return hold == null && (last == null ? vouchered().equals(signed) : last.equals(deal));
  }
}
