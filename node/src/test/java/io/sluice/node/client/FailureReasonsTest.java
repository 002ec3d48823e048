package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.DealReason;
import io.sluice.payments.PaymentException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.graphsync.RequestOutcome;
import io.sluice.protocol.graphsync.RequestResult;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FailureReasonsTest {
  private static final Cid MISSING =
      Cid.parse("bafkreifw7plhl6mofk6sfvhnfh64qmkq73oeqwl6sloru6rehaoujituke");
  private static final Cid OTHER =
      Cid.parse("bafkreifzjut3te7nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");

  @ParameterizedTest
  @EnumSource
  void whatPaymentsSay_endsADealWithTheSameExit(DealCode code) {
    DealCode ofDeal = FailureReasons.of(new PaymentException(code, "because")).code();

    assertEquals(code.exit(), ofDeal.exit());
  }

  @ParameterizedTest
  @CsvSource({
    "BUDGET_EXCEEDED, BUDGET_USED",
    "MAX_DEPOSIT, DEPOSIT_USED",
    "NOT_CONFIRMED, TIMEOUT",
    "CHANNEL_CLOSING, CHANNEL_CLOSING",
  })
  void whatPaymentsSay_inTheDealsOwnWords(DealCode said, DealCode code) {
    assertEquals(
        new DealReason(code, "because"), FailureReasons.of(new PaymentException(said, "because")));
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND, NOT_FOUND",
    "BUSY, BUSY",
    "CANCELLED, CANCELLED",
    "REJECTED, REFUSED",
    "FAILED, REFUSED",
  })
  void whatGraphsyncSays_isARefusal(ResponseStatus status, DealCode code) {
    assertEquals(
        new DealReason(code, code.meaning()),
        FailureReasons.ofRefusal(refused(Optional.of(status))));
  }

  @Test
  void noStatusAtAll_isARefusal() {
    assertEquals(DealCode.REFUSED, FailureReasons.ofRefusal(refused(Optional.empty())).code());
  }

  private static RequestResult refused(Optional<ResponseStatus> status) {
    return new RequestResult(
        RequestOutcome.REFUSED, status, false, List.of(), 0, 0, 0, 0, 0, 0, Optional.empty());
  }

  // ---- disks

  @Test
  void aFullDisk_isNoFaultOfTheDeal() {
    IOException full = new IOException("F: No space left on device");

    assertEquals(
        new DealReason(
            DealCode.STORAGE_FULL,
            "F: No space left on device; make room and run the same command"),
        FailureReasons.ofDisk("a block: ", full));
    assertEquals(
        new DealReason(DealCode.INTERNAL, "a block: it broke"),
        FailureReasons.ofDisk("a block: ", new IOException("it broke")));
  }

  // ---- what came, and what did not

  private static RequestResult failed(Exception error) {
    return new RequestResult(
        RequestOutcome.FAILED,
        Optional.empty(),
        false,
        List.of(),
        0,
        0,
        0,
        0,
        0,
        0,
        Optional.ofNullable(error));
  }

  @Test
  void bytesThatAreNotTheirCids_haveAWordOfTheirOwn() {
    assertEquals(
        DealCode.BLOCK_HASH_MISMATCH,
        FailureReasons.ofViolation(failed(new ProtocolException("BLOCK_HASH_MISMATCH", "bad"))));
    assertEquals(
        DealCode.VERIFICATION_FAILED,
        FailureReasons.ofViolation(failed(new ProtocolException("TOO_MANY_LINKS", "bad"))));
    assertEquals(
        DealCode.VERIFICATION_FAILED,
        FailureReasons.ofViolation(failed(new IOException("BLOCK_HASH_MISMATCH"))));
    assertEquals(DealCode.VERIFICATION_FAILED, FailureReasons.ofViolation(failed(null)));
  }

  private static RequestResult missing(long blocks, long wireBlocks, long unrequested) {
    return new RequestResult(
        RequestOutcome.PARTIAL,
        Optional.empty(),
        true,
        List.of(MISSING),
        blocks,
        9,
        9,
        wireBlocks,
        9,
        unrequested,
        Optional.empty());
  }

  @Test
  void missingBlocks_wholeOrInPartOrOthersInTheirPlace() {
    assertEquals(
        new DealReason(DealCode.NOT_FOUND, "the provider does not have " + MISSING),
        FailureReasons.ofMissing(missing(1, 0, 0), MISSING));
    String partly = "the provider lacks 1 of the blocks, the first is " + MISSING;
    assertEquals(
        new DealReason(DealCode.PARTIAL, partly),
        FailureReasons.ofMissing(missing(1, 1, 0), MISSING));
    assertEquals(
        new DealReason(DealCode.PARTIAL, partly),
        FailureReasons.ofMissing(missing(1, 0, 0), OTHER));
    assertEquals(
        new DealReason(
            DealCode.BLOCK_HASH_MISMATCH,
            "1 block is missing, the first is " + MISSING + "; others came in their place"),
        FailureReasons.ofMissing(missing(1, 0, 1), MISSING));
    assertEquals(
        "2 blocks are missing, the first is " + MISSING + "; others came in their place",
        FailureReasons.ofMissing(missing(2, 5, 1), OTHER).message());
  }

  // ---- what it comes to

  @ParameterizedTest
  @CsvSource({
    "PARTIAL, PARTIAL",
    "CANCELLED, CANCELLED",
    "REFUSED, REJECTED",
    "OVERCHARGED, REJECTED",
    "NOT_FOUND, REJECTED",
    "BUDGET_USED, REJECTED",
    "INTERNAL, FAILED",
    "VERIFICATION_FAILED, FAILED",
    "TIMEOUT, FAILED",
    "INTERRUPTED, FAILED",
  })
  void theEnd_byItsReason(DealCode reason, DealOutcome outcome) {
    assertEquals(outcome, FailureReasons.outcome(reason));
  }

  /**
   * Bytes that were not what was asked for are not paid for, nor what the budget does not allow.
   */
  @Test
  void verifiedBytes_arePaidForButForThreeReasons() {
    assertEquals(
        EnumSet.of(
            DealCode.VERIFICATION_FAILED, DealCode.BLOCK_HASH_MISMATCH, DealCode.BUDGET_USED),
        EnumSet.copyOf(
            Stream.of(DealCode.values()).filter(code -> !FailureReasons.isPaidFor(code)).toList()));
  }
}
