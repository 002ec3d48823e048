package io.sluice.payments.ledger.evm.contract;

import io.sluice.payments.ledger.LedgerEvent;
import io.sluice.payments.ledger.LedgerEvent.How;
import io.sluice.payments.ledger.LedgerEvent.Stamp;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.Bytes32;
import java.math.BigInteger;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The contract's events, read out of the chain's log. Spec: PAYMENT CHANNELS, 6.6. */
public final class ContractEvents {
  private interface EventReader {
    LedgerEvent read(Stamp at, List<Bytes32> topics, AbiReader data);
  }

  private record Row(String signature, int topics, EventReader reader) {}

  private static final String REDEEMED =
      "Redeemed(bytes32,uint64,uint64,uint128,uint128,uint128,uint256)";

  private static final Map<Bytes32, Row> BY_TOPIC =
      Stream.of(
              new Row(
                  "ChannelOpened(bytes32,address,address,address,address,uint128,uint32,bytes32)",
                  4,
                  (at, topics, data) ->
                      new LedgerEvent.ChannelOpened(
                          at,
                          topics.get(1),
                          AbiReader.address(topics.get(2)),
                          AbiReader.address(topics.get(3)),
                          data.address(0),
                          data.address(1),
                          data.amount(2),
                          data.count(3),
                          data.word(4))),
              new Row(
                  "ChannelToppedUp(bytes32,uint128,uint128)",
                  2,
                  (at, topics, data) ->
                      new LedgerEvent.ChannelToppedUp(
                          at, topics.get(1), data.amount(0), data.amount(1))),
              new Row(
                  REDEEMED,
                  3,
                  (at, topics, data) ->
                      new LedgerEvent.Redeemed(
                          at,
                          topics.get(1),
                          lane(topics.get(2)),
                          data.cappedCount(0),
                          data.amount(1),
                          data.amount(2),
                          data.amount(3))),
              new Row(
                  "SettleStarted(bytes32,address,uint64)",
                  3,
                  (at, topics, data) ->
                      new LedgerEvent.SettleStarted(
                          at,
                          topics.get(1),
                          AbiReader.address(topics.get(2)),
                          time(data.count(0)))),
              new Row(
                  "ChannelClosed(bytes32,uint128,uint128,uint8,uint256,uint256)",
                  2,
                  (at, topics, data) ->
                      new LedgerEvent.ChannelClosed(
                          at, topics.get(1), data.amount(0), data.amount(1), how(data.count(2)))),
              new Row(
                  "Withdrawn(address,address,address,uint256,uint256)",
                  3,
                  (at, topics, data) ->
                      new LedgerEvent.Withdrawn(
                          at,
                          AbiReader.address(topics.get(1)),
                          AbiReader.address(topics.get(2)),
                          data.address(0),
                          data.cappedAmount(1))))
          .collect(
              Collectors.toUnmodifiableMap(row -> AbiWriter.topic(row.signature()), row -> row));

  private ContractEvents() {}

  /**
   * What a log tells; empty for events that a later contract may have and this program does not
   * know.
   *
   * @param topics the event's hash, and what is indexed
   * @param data the rest
   * @param at where the log stands
   * @throws IllegalArgumentException if it is a known event of another form
   */
  public static Optional<LedgerEvent> read(List<Bytes32> topics, byte[] data, Stamp at) {
    Row row = topics.isEmpty() ? null : BY_TOPIC.get(topics.getFirst());
    if (row == null) {
      return Optional.empty();
    }
    if (topics.size() != row.topics()) {
      throw new IllegalArgumentException(
          "%d topics of %s".formatted(topics.size(), row.signature()));
    }
    try {
      return Optional.of(row.reader().read(at, topics, new AbiReader(data)));
    } catch (ArithmeticException | ProtocolException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  /** Whether a log with those topics tells of a voucher that was redeemed. */
  public static boolean isRedemption(List<Bytes32> topics) {
    return !topics.isEmpty() && topics.getFirst().equals(AbiWriter.topic(REDEEMED));
  }

  /** Lanes have 64 bits on the chain: half of them, no payer here uses, show as negative. */
  private static long lane(Bytes32 word) {
    BigInteger value = new BigInteger(1, word.bytes());
    if (value.bitLength() > Long.SIZE) {
      throw new IllegalArgumentException("lane out of range: " + value);
    }
    return value.longValue();
  }

  /** A moment of the contract's: seconds since 1970, up to the last that can be written. */
  public static Instant time(long seconds) {
    return Instant.ofEpochSecond(Math.min(seconds, Instant.MAX.getEpochSecond()));
  }

  private static How how(long code) {
    return switch ((int) Math.min(code, 3)) {
      case 0 -> How.COLLECT;
      case 1 -> How.PAYEE;
      case 2 -> How.COOPERATIVE;
      default -> throw new IllegalArgumentException("closed in way " + code);
    };
  }
}
