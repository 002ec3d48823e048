package io.sluice.payments.ledger.evm;

import java.util.List;
import java.util.Locale;

/** What an endpoint says to a signed transaction. There are no codes: the texts have to do. */
enum SendVerdict {
  /** It is in the pool, or was there before. */
  TAKEN,
  /** The account has used that nonce: for this transaction or for another. */
  NONCE_USED,
  /** Another of that nonce is in the pool, and this one does not pay enough more. */
  UNDERPRICED,
  /** The account cannot pay for it. */
  TOO_POOR,
  /** Anything else: it may be in the pool or not. */
  UNKNOWN;

  private record Row(String part, SendVerdict verdict) {}

  /** Parts of what known programs say, in the order in which they are looked for. */
  private static final List<Row> ROWS =
      List.of(
          new Row("already known", TAKEN),
          new Row("already imported", TAKEN),
          new Row("known transaction", TAKEN),
          new Row("already in mempool", TAKEN),
          new Row("alreadyknown", TAKEN),
          new Row("nonce too low", NONCE_USED),
          new Row("nonce is too low", NONCE_USED),
          new Row("minimum expected nonce", NONCE_USED),
          new Row("old nonce", NONCE_USED),
          new Row("underpriced", UNDERPRICED),
          new Row("less than block base fee", UNDERPRICED),
          new Row("fee cap less than", UNDERPRICED),
          new Row("gas premium", UNDERPRICED),
          new Row("fee too low", UNDERPRICED),
          new Row("insufficient funds", TOO_POOR),
          new Row("not enough funds", TOO_POOR),
          new Row("insufficient balance", TOO_POOR));

  /** The verdict that an error's text gives. */
  static SendVerdict of(String message) {
    String text = message.toLowerCase(Locale.ROOT);
    return ROWS.stream()
        .filter(row -> text.contains(row.part()))
        .map(Row::verdict)
        .findFirst()
        .orElse(UNKNOWN);
  }
}
