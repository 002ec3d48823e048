package io.sluice.payments.ledger.evm;

import java.io.IOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * What a unit of gas may cost, by EIP-1559.
 *
 * @param most all in all
 * @param tip of that, what the block's maker gets beside the base fee
 */
record Fees(BigInteger most, BigInteger tip) {
  private static final BigInteger HUNDRED = BigInteger.valueOf(100);

  /** What is suggested is paid with a pad: by the time it arrives, others have asked, too. */
  private static final int TIP_PERCENT = 110;

  /** Below this, nodes refuse to replace a transaction: an eighth, and a unit for the rounding. */
  private static final int LEAST_RAISED_PERCENT = 113;

  /** How much gas is allowed, for what was estimated. */
  private static final int GAS_PERCENT = 125;

  Fees {
    if (most.signum() < 0 || tip.signum() < 0 || tip.compareTo(most) > 0) {
      throw new IllegalArgumentException("fees: %s of %s".formatted(tip, most));
    }
  }

  /** Room for the base fee to double, which takes it six full blocks at least. */
  static Fees suggested(BigInteger baseFee, BigInteger tip, BigInteger cap) {
    BigInteger padded = percent(tip, TIP_PERCENT).min(cap);
    BigInteger most = baseFee.shiftLeft(1).add(padded).min(cap);
    return new Fees(most, padded.min(most));
  }

  /**
   * What the chain's last blocks say, where the node tells them and somebody paid in them; else by
   * what the node itself suggests.
   */
  static Fees by(ChainNode node, BigInteger baseFee, BigInteger cap) throws IOException {
    try {
      ChainNode.FeeHistory history = node.feeHistory();
      Optional<BigInteger> tip = middle(history.tips());
      if (tip.isPresent()) {
        return paid(history.nextBaseFee(), tip.get(), cap);
      }
    } catch (RpcErrorException e) { // a program without that method
      // as if there were no history
    }
    try {
      return suggested(baseFee, node.suggestedTip(), cap);
    } catch (RpcErrorException e) { // a chain without tips, or a program without that method
      return suggested(baseFee, BigInteger.ZERO, cap);
    }
  }

  /** The same for a tip that was paid of late: others pay no more than that. */
  static Fees paid(BigInteger baseFee, BigInteger tip, BigInteger cap) {
    BigInteger most = baseFee.shiftLeft(1).add(tip).min(cap);
    return new Fees(most, tip.min(most));
  }

  /**
   * The tip in the middle of those that blocks were paid; empty if none of them was paid any, since
   * blocks without transactions say nothing.
   */
  static Optional<BigInteger> middle(List<BigInteger> tips) {
    List<BigInteger> paid = tips.stream().filter(tip -> tip.signum() > 0).sorted().toList();
    return paid.isEmpty() ? Optional.empty() : Optional.of(paid.get(paid.size() / 2));
  }

  /**
   * What replaces these fees: a quarter more, or what is suggested now if that is more, up to the
   * cap. The same if the cap leaves no room for what nodes take as a replacement.
   */
  Fees raised(Fees suggested, BigInteger cap) {
    return raised(suggested, cap, FeeRise.A_QUARTER_MORE);
  }

  /** The same by so many percent of what they are, such as {@link FeeRise#percent}. */
  Fees raised(Fees suggested, BigInteger cap, int percent) {
    BigInteger higher = percent(most, percent).max(suggested.most()).min(cap);
    BigInteger higherTip = percent(tip, percent).max(suggested.tip()).min(higher);
    boolean enough =
        higher.compareTo(percent(most, LEAST_RAISED_PERCENT)) >= 0
            && higherTip.compareTo(percent(tip, LEAST_RAISED_PERCENT)) >= 0
            && higher.compareTo(most) > 0;
    return enough ? new Fees(higher, higherTip) : this;
  }

  /**
   * Gas to allow for what was estimated: what is too little is lost, what is too much comes back.
   */
  static long padded(long gas) {
    return Math.ceilDiv(Math.multiplyExact(gas, GAS_PERCENT), 100L);
  }

  private static BigInteger percent(BigInteger value, int percent) {
    BigInteger[] parts = value.multiply(BigInteger.valueOf(percent)).divideAndRemainder(HUNDRED);
    return parts[1].signum() == 0 ? parts[0] : parts[0].add(BigInteger.ONE);
  }
}
