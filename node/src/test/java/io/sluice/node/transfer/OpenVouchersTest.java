package io.sluice.node.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.transfer.TransferChannel.Exchanged;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.Node;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Which vouchers are given again. */
class OpenVouchersTest {
  private final OpenVouchers vouchers = new OpenVouchers();

  private static TypedVoucher ticket(int number) {
    return new TypedVoucher("Ticket/1", Node.of(number));
  }

  private void give(int number) {
    vouchers.given(ticket(number));
    vouchers.written();
  }

  @Test
  void givenAttempt_whenBegunAgain_thenWhatIsOpenIsGivenOnce() {
    vouchers.attempt();
    vouchers.heard();
    give(1);
    give(2);
    give(3);
    assertTrue(vouchers.answered());

    vouchers.attempt();

    assertEquals(List.of(ticket(2), ticket(3)), vouchers.again());
    assertEquals(List.of(), vouchers.again());
    vouchers.attempt();
    assertEquals(List.of(ticket(2), ticket(3)), vouchers.again(), "until it is answered");
  }

  /** A demand may overtake the agreement that it follows from. */
  @Test
  void givenAskedForInThisAttempt_whenTheAgreementComesLater_thenNotGivenAgain() {
    give(1);
    vouchers.attempt();
    vouchers.heard();
    give(2);

    assertEquals(List.of(ticket(1)), vouchers.again());
  }

  /** The responder may not have had the channel yet, or not any more. */
  @Test
  void givenBeforeAnythingIsHeard_whenAgreed_thenGivenAgain() {
    vouchers.attempt();
    give(1);

    assertEquals(List.of(ticket(1)), vouchers.again());
  }

  @Test
  void whileOneIsBeingWritten_thenNothing() {
    give(1);
    vouchers.given(ticket(2));
    vouchers.attempt();

    assertEquals(List.of(), vouchers.again());
    vouchers.written();
    assertEquals(List.of(ticket(1), ticket(2)), vouchers.again());
  }

  @Test
  void givenAnEarlierProcess_thenItsNewestIfThatIsOpen() {
    vouchers.recall(new Exchanged(3, Optional.of(ticket(3)), 2));
    vouchers.attempt();

    assertEquals(List.of(ticket(3)), vouchers.again());
  }

  @Test
  void givenAnEarlierProcessThatWasAnswered_thenNothing() {
    vouchers.recall(new Exchanged(3, Optional.of(ticket(3)), 0));
    vouchers.attempt();

    assertEquals(List.of(), vouchers.again());
    assertFalse(vouchers.answered());
  }

  /** A responder that never answers does not take all memory. */
  @Test
  void givenManyThatAreNotAnswered_thenTheNewest() {
    for (int number = 1; number <= 100; number++) {
      give(number);
    }
    vouchers.attempt();

    List<TypedVoucher> again = vouchers.again();
    assertEquals(16, again.size());
    assertEquals(ticket(100), again.getLast());
  }
}
