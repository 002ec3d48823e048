package io.sluice.node.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.sluice.fsm.DealReason;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What each answer of a provider is taken for, in either of its two shapes. */
class ProviderAnswerTest {

  private static ProviderAnswer read(String type, Node value) {
    return ProviderAnswer.of(
        TransferResponse.voucherResult(1, true, false, Optional.of(new TypedVoucher(type, value))));
  }

  private static ProviderAnswer classic(DealResponse response) {
    return read(RetrievalNames.RESPONSE, DealResponse.CODEC.encode(response));
  }

  private static ProviderAnswer classic(DealStatus status, String message) {
    return classic(DealResponse.of(status, 1, message));
  }

  private static ProviderAnswer ours(DealResult result) {
    return read(RetrievalNames.RESULT, DealResult.CODEC.encode(result));
  }

  // ---- demands

  @ParameterizedTest
  @EnumSource
  void classicStatuses_thatAskForMoney(DealStatus status) {
    boolean always =
        switch (status) {
          case FUNDS_NEEDED, FUNDS_NEEDED_LAST_PAYMENT, FUNDS_NEEDED_UNSEAL -> true;
          default -> false;
        };
    boolean withASum = always || status == DealStatus.ONGOING;

    assertEquals(always, classic(status, "").isDemand());
    assertEquals(withASum, classic(DealResponse.demand(status, 1, TokenAmount.of(1))).isDemand());
  }

  @Test
  void ourResult_asksForMoney_whereASumIsOwed() {
    DealResult result = DealResult.of(1, DealCode.FUNDS_NEEDED);

    assertEquals(false, ours(result).isDemand());
    assertEquals(false, ours(result.owing(TokenAmount.ZERO, 5)).isDemand());
    assertEquals(true, ours(result.owing(TokenAmount.of(1), 5)).isDemand());
    assertEquals(5, ours(result.owing(TokenAmount.of(1), 5)).bytes());
    assertEquals(Optional.of(TokenAmount.of(1)), ours(result.owing(TokenAmount.of(1), 5)).owed());
  }

  @Test
  void aClassicDemand_namesASumAndNoBytes() {
    ProviderAnswer answer =
        classic(DealResponse.demand(DealStatus.FUNDS_NEEDED, 1, TokenAmount.of(7)));

    assertEquals(0, answer.bytes());
    assertEquals(Optional.of(TokenAmount.of(7)), answer.owed());
  }

  // ---- refusals

  @ParameterizedTest
  @EnumSource
  void classicStatuses_thatEndTheDealBadly(DealStatus status) {
    boolean bad =
        switch (status) {
          case REJECTED, DEAL_NOT_FOUND, ERRORED, CANCELLED -> true;
          default -> false;
        };

    assertEquals(bad, classic(status, "").isRefusal());
  }

  @ParameterizedTest
  @CsvSource({
    "REJECTED, LANE_BUSY: taken, LANE_BUSY, taken",
    "REJECTED, 'LANE_BUSY: ', LANE_BUSY, a running deal holds the lane",
    "REJECTED, no reason of ours, REFUSED, no reason of ours",
    "REJECTED, lower: case, REFUSED, lower: case",
    "REJECTED, NO_SUCH_WORD: hm, REFUSED, hm",
    "REJECTED, '', REFUSED, the provider refused the deal",
    "DEAL_NOT_FOUND, gone, NOT_FOUND, gone",
    "DEAL_NOT_FOUND, '', NOT_FOUND, there is no such content",
  })
  void aClassicRefusal_beginsWithItsCode(
      DealStatus status, String said, DealCode code, String message) {
    assertEquals(new DealReason(code, message), classic(status, said).reason());
  }

  @Test
  void ourResult_saysItsCode_andItsMeaningWhereItSaysNoMore() {
    DealResult result = DealResult.of(1, DealCode.UNPAID);

    assertEquals(new DealReason(DealCode.UNPAID, "5 owed"), ours(result.saying("5 owed")).reason());
    assertEquals(new DealReason(DealCode.UNPAID, DealCode.UNPAID.meaning()), ours(result).reason());
  }

  /** It may refuse, lack content or funds; not say what went wrong here. */
  @ParameterizedTest
  @EnumSource
  void onlyWhatIsTheProvidersToJudge_isBelieved(DealCode code) {
    boolean believed =
        switch (code) {
          case PARTIAL -> false;
          case INTERNAL, CANCELLED, TOO_MANY_RESTARTS, PAYMENT_TIMEOUT, CHAIN_STALE -> true;
          default -> code.exit() >= 3 && code.exit() <= 5;
        };

    assertEquals(believed ? code : DealCode.REFUSED, ours(DealResult.of(1, code)).reason().code());
  }

  // ---- the last word

  @Test
  void theDealIsDone_whereAllIsSaidAndNothingMoreIsAskedFor() {
    Optional<TypedVoucher> none = Optional.empty();

    assertEquals(true, ProviderAnswer.isLastWord(TransferResponse.complete(1, true, false, none)));
    assertEquals(true, ProviderAnswer.isLastWord(TransferResponse.complete(1, false, false, none)));
    assertEquals(
        true, ProviderAnswer.isLastWord(TransferResponse.voucherResult(1, true, false, none)));
    for (TransferResponse other :
        List.of(
            TransferResponse.complete(1, true, true, none),
            TransferResponse.voucherResult(1, true, true, none),
            TransferResponse.voucherResult(1, false, false, none),
            TransferResponse.answer(false, 1, true, false, none),
            TransferResponse.update(1, true, false),
            TransferResponse.cancel(1))) {
      assertEquals(false, ProviderAnswer.isLastWord(other), other.toString());
    }
  }

  // ---- neither shape

  @Test
  void noResult_orOneOfAnotherKind_saysNothing() {
    ProviderAnswer none =
        ProviderAnswer.of(TransferResponse.voucherResult(1, true, false, Optional.empty()));

    assertEquals(none, read("SomethingElse/1", Node.of(1)));
    assertEquals(false, none.isDemand());
    assertEquals(false, none.isRefusal());
    assertEquals(Optional.empty(), none.owed());
    assertEquals(new DealReason(DealCode.REFUSED, "the provider gave no reason"), none.reason());
  }

  @Test
  void aMalformedResult_isATypedError() {
    assertThrows(ProtocolException.class, () -> read(RetrievalNames.RESULT, Node.of(1)));
  }
}
