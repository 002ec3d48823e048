package io.sluice.payments.payer;

import static io.sluice.payments.Samples.CHANNEL;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.channel;
import static io.sluice.payments.Samples.closed;
import static io.sluice.payments.Samples.view;
import static io.sluice.payments.Samples.voucher;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.payments.DealRef;
import io.sluice.payments.LatestView;
import io.sluice.payments.PaymentException;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.DealCode;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a deal pays with. The lane has paid 20 for others, and the deal may add 50. */
class VoucherChoiceTest {
  private static final DealRef DEAL = new DealRef("c-1");

  private final LatestView view = new LatestView(CHANNEL, 1);
  private final ChannelFunds funds = new ChannelFunds(new IntentId("open"), view);
  private final LanePool lanes = new LanePool();
  private final SignedVoucher before = voucher(CHANNEL, 0, 3, 20);

  @BeforeEach
  void given() {
    view.see(view(channel(CHANNEL, 60, 0), 60, 1));
    lanes.lane(0).keep(before);
    lanes.restored();
    lanes.give(DEAL, amount(50), Set.of(), funds);
  }

  private VoucherChoice choose(long due) {
    return VoucherChoice.of(DEAL, amount(due), CHANNEL, lanes, funds);
  }

  private DealCode refused(long due) {
    return assertThrows(PaymentException.class, () -> choose(due)).code();
  }

  @Test
  void givenNothingMoreDue_theVoucherThatIsThere() {
    assertEquals(new VoucherChoice.Kept(before), choose(0));
  }

  @Test
  void givenMoreDue_oneAboveTheBase_withTheNextNonce() {
    VoucherChoice.ToSign choice = assertInstanceOf(VoucherChoice.ToSign.class, choose(1));
    assertEquals(new Voucher(CHANNEL, 0, 4, amount(21)), choice.voucher());
  }

  @Test
  void givenOneIsBeingSigned_theNextHasToWait() {
    choose(1);
    assertThrows(IllegalStateException.class, () -> choose(2));
  }

  @Test
  void budgetThenDeposit_areNotExceeded() {
    assertEquals(DealCode.BUDGET_EXCEEDED, refused(51));
    assertEquals(DealCode.INSUFFICIENT_DEPOSIT, refused(41), "20 + 41 of 60");
    assertInstanceOf(VoucherChoice.ToSign.class, choose(40), "nothing was reserved by refusals");
  }

  @Test
  void givenConsentIsAskedFor_nothingIsSigned_andWhatIsThereStillCounts() {
    funds.closing(true);
    assertEquals(DealCode.CHANNEL_CLOSING, refused(1));
    assertEquals(new VoucherChoice.Kept(before), choose(0));
  }

  @Test
  void givenClosed_nothingIsSigned() {
    view.see(view(closed(channel(CHANNEL, 60, 0)), 60, 2));
    assertEquals(DealCode.CHANNEL_CLOSING, refused(1));
  }

  @Test
  void givenNoLane_saysSo() {
    lanes.leave(DEAL);
    assertEquals(DealCode.NO_LANE, refused(1));
  }
}
