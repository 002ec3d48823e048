package io.sluice.payments.ledger.evm.contract;

import io.sluice.payments.ledger.Channel;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.Optional;

/**
 * Calls that only look, of the contract and of tokens, with how their answers are read. Spec:
 * PAYMENT CHANNELS, 6.3.
 */
public final class ContractViews {
  private static final int OPEN = 1;
  private static final int CLOSED = 2;

  private interface AnswerReader<T> {
    T read(AbiReader data);
  }

  /**
   * A call and how its answer is read. Immutable.
   *
   * @param <T> what the answer says
   */
  public static final class View<T> {
    private final byte[] call;
    private final AnswerReader<T> reader;

    private View(AbiWriter call, AnswerReader<T> reader) {
      this.call = call.done();
      this.reader = reader;
    }

    /** What the contract or token is called with. */
    public byte[] call() {
      return call.clone();
    }

    /**
     * Reads what came back.
     *
     * @throws IllegalArgumentException if that is no answer to this call
     */
    public T read(byte[] answer) {
      try {
        return reader.read(new AbiReader(answer));
      } catch (ArithmeticException | ProtocolException e) {
        throw new IllegalArgumentException(e.getMessage(), e);
      }
    }
  }

  private ContractViews() {}

  /** A channel; empty if there is none, or no contract yet. */
  public static View<Optional<Channel>> channel(Bytes32 id) {
    return new View<>(AbiWriter.call("channel(bytes32)").word(id), data -> channel(id, data));
  }

  /** Before the contract was there, its address returned nothing at all. */
  private static Optional<Channel> channel(Bytes32 id, AbiReader data) {
    if (data.isEmpty()) {
      return Optional.empty();
    }
    long status = data.count(4);
    if (status > CLOSED) {
      throw new IllegalArgumentException("channel of status " + status);
    }
    if (status < OPEN) {
      return Optional.empty();
    }
    long settleAt = data.count(2);
    return Optional.of(
        new Channel(
            id,
            data.address(0),
            data.address(3),
            data.address(6),
            data.address(5),
            data.count(1),
            status == CLOSED,
            settleAt == 0 ? Optional.<Instant>empty() : Optional.of(ContractEvents.time(settleAt)),
            data.amount(7),
            data.amount(8)));
  }

  /** What was paid on a lane. */
  public static View<TokenAmount> lane(Bytes32 id, long lane) {
    return new View<>(
        AbiWriter.call("lane(bytes32,uint64)").word(id).number(lane), data -> data.amount(0));
  }

  /** What an account may withdraw; more than fits is the most. */
  public static View<TokenAmount> credit(EvmAddress token, EvmAddress account) {
    return sum(AbiWriter.call("credit(address,address)").address(token).address(account));
  }

  /** What an account has of a token; more than fits is the most. */
  public static View<TokenAmount> balanceOf(EvmAddress account) {
    return sum(AbiWriter.call("balanceOf(address)").address(account));
  }

  /** How much of an owner's tokens another may take; more than fits is the most. */
  public static View<TokenAmount> allowance(EvmAddress owner, EvmAddress spender) {
    return sum(AbiWriter.call("allowance(address,address)").address(owner).address(spender));
  }

  private static View<TokenAmount> sum(AbiWriter call) {
    return new View<>(call, data -> data.cappedAmount(0));
  }

  /** What a token calls itself. */
  public static View<String> symbol() {
    return new View<>(AbiWriter.call("symbol()"), AbiReader::text);
  }

  /** With how many decimals a token is shown. */
  public static View<Long> decimals() {
    return new View<>(AbiWriter.call("decimals()"), data -> data.count(0));
  }
}
