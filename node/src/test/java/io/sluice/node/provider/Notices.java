package io.sluice.node.provider;

import io.sluice.protocol.datatransfer.TransferMessage;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealResponse;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.DealStatus;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What clients were told by stream, a line each. */
final class Notices implements ClientNotices.MessageSender {

  final List<String> told = new ArrayList<>();

  @Override
  public CompletableFuture<Void> send(PeerId peer, TransferMessage message) {
    TransferResponse answer = (TransferResponse) message;
    told.add(
        answer.type()
            + (answer.accepted() ? "" : " refused")
            + (answer.paused() ? " paused" : "")
            + answer.result().map(result -> " " + text(result)).orElse(""));
    return CompletableFuture.completedFuture(null);
  }

  /** A result in a few words: its code or status, and the sums that go with it. */
  static String text(TypedVoucher typed) {
    if (typed.type().equals(RetrievalNames.RESULT)) {
      DealResult result = DealResult.CODEC.decode(typed.value());
      return result.code()
          + result.owed().map(owed -> " owed " + owed).orElse("")
          + result.bytes().map(bytes -> " for " + bytes).orElse("");
    }
    DealResponse response = DealResponse.CODEC.decode(typed.value());
    String status =
        Arrays.stream(DealStatus.values())
            .filter(response::is)
            .map(DealStatus::name)
            .findFirst()
            .orElse("" + response.statusCode());
    String code = response.message().replaceAll(":.*", "");
    return "classic " + status + (code.isEmpty() ? "" : " " + code);
  }
}
