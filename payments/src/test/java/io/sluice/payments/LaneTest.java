package io.sluice.payments;

import static io.sluice.payments.Samples.CHANNEL;
import static io.sluice.payments.Samples.amount;
import static io.sluice.payments.Samples.voucher;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.payments.voucher.SignedVoucher;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LaneTest {
  private final Lane lane = new Lane(4) {};

  @Test
  void noVoucher_worthNothing() {
    assertEquals(Optional.empty(), lane.best());
    assertEquals(amount(0), lane.vouchered());
    assertEquals(0, lane.nonce());
    assertEquals(
        new ChannelBook.LaneBook(4, amount(0), 0, Optional.empty()), lane.book(Optional.empty()));
  }

  @Test
  void lowerOrEqualVoucherAfterABetterOne_changesNothing() {
    SignedVoucher five = voucher(CHANNEL, 4, 2, 5);
    assertTrue(lane.keep(five));

    assertFalse(lane.keep(voucher(CHANNEL, 4, 1, 4)));
    assertFalse(lane.keep(voucher(CHANNEL, 4, 3, 5)));

    assertEquals(Optional.of(five), lane.best());
    assertEquals(amount(5), lane.vouchered());
    assertEquals(2, lane.nonce());
  }

  @Test
  void betterVoucher_takesItsPlaceWhateverItsNonce() {
    lane.keep(voucher(CHANNEL, 4, 9, 5));

    assertTrue(lane.keep(voucher(CHANNEL, 4, 3, 6)));

    assertEquals(
        new ChannelBook.LaneBook(4, amount(6), 3, Optional.of(new DealRef("d"))),
        lane.book(Optional.of(new DealRef("d"))));
  }
}
