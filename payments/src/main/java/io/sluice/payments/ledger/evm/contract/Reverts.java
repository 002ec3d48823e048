package io.sluice.payments.ledger.evm.contract;

import io.sluice.payments.ledger.LedgerError;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a call that was reverted says: the contract's own errors, and those of its libraries. */
public final class Reverts {
  /**
   * Why a call was reverted.
   *
   * @param error what it means
   * @param message a line for people
   */
  public record Reason(LedgerError error, String message) {}

  private record Row(String signature, LedgerError error) {}

  /** Errors that are not the contract's own: of its library pieces, of tokens, of the language. */
  private static final List<Row> FOREIGN =
      List.of(
          new Row("SafeERC20FailedOperation(address)", LedgerError.TRANSFER_FAILED),
          new Row("ReentrancyGuardReentrantCall()", LedgerError.TRANSFER_FAILED),
          new Row(
              "ERC20InsufficientBalance(address,uint256,uint256)",
              LedgerError.INSUFFICIENT_BALANCE),
          new Row(
              "ERC20InsufficientAllowance(address,uint256,uint256)", LedgerError.TRANSFER_FAILED),
          new Row("Panic(uint256)", LedgerError.AMOUNT_OUT_OF_RANGE),
          new Row("Error(string)", LedgerError.REVERTED));

  private static final Map<Integer, Row> BY_SELECTOR =
      Stream.concat(
              Stream.of(LedgerError.values())
                  .filter(LedgerError::isOfContract)
                  .map(error -> new Row(error.contractName() + "()", error)),
              FOREIGN.stream())
          .collect(Collectors.toUnmodifiableMap(row -> selector(row.signature()), row -> row));

  private Reverts() {}

  /** Whether these bytes are long enough to name an error. */
  public static boolean isReason(byte[] data) {
    return data.length >= AbiWriter.SELECTOR;
  }

  private static int selector(String signature) {
    return ByteBuffer.wrap(AbiWriter.selector(signature)).getInt();
  }

  /** The reason that these bytes give; {@link LedgerError#REVERTED} for what nobody knows. */
  public static Reason reason(byte[] data) {
    if (!isReason(data)) {
      return new Reason(LedgerError.REVERTED, "reverted without a reason");
    }
    Row row = BY_SELECTOR.get(ByteBuffer.wrap(data).getInt());
    if (row == null) {
      String start = HexFormat.of().formatHex(data, 0, AbiWriter.SELECTOR);
      return new Reason(LedgerError.REVERTED, "reverted with the unknown error 0x" + start);
    }
    if (row.error() == LedgerError.REVERTED) {
      return new Reason(LedgerError.REVERTED, text(data));
    }
    return new Reason(row.error(), row.signature());
  }

  /** What others wrote is shown to people: short, and without what a terminal acts upon. */
  private static String text(byte[] data) {
    try {
      return "reverted: "
          + new AbiReader(data, AbiWriter.SELECTOR).text().replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
    } catch (IllegalArgumentException e) {
      return "reverted with a text that cannot be read";
    }
  }
}
