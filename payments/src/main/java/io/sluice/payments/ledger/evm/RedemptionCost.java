package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.evm.ChainNode.Estimate;
import io.sluice.payments.ledger.evm.contract.ContractCalls;
import io.sluice.payments.ledger.evm.contract.ContractEvents;
import io.sluice.payments.ledger.evm.contract.Reverts;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.util.concurrent.atomic.AtomicLong;

/** About what a redemption costs: gas as the last one took it, at what gas costs now. */
final class RedemptionCost {
  /**
   * As long as there was none: a redemption on a new lane takes about four times what one of no
   * voucher takes. Chains count gas in units of their own, so it has to be asked for.
   */
  private static final long TIMES_NOTHING = 5;

  private static final BigInteger MOST = BigInteger.ONE.shiftLeft(128).subtract(BigInteger.ONE);

  private final Endpoints endpoints;
  private final Outbox outbox;
  private final Domain domain;
  private final AtomicLong gas = new AtomicLong();

  RedemptionCost(Endpoints endpoints, Outbox outbox, Domain domain) {
    this.endpoints = endpoints;
    this.outbox = outbox;
    this.domain = domain;
  }

  /** If it was a redemption, it tells what they take. */
  void learn(Receipt receipt) {
    boolean isRedemption =
        receipt.logs().stream().anyMatch(log -> ContractEvents.isRedemption(log.topics()));
    if (isRedemption && receipt.succeeded()) {
      gas.set(receipt.gasUsed());
    }
  }

  TokenAmount now(BigInteger baseFee) throws IOException {
    long units = gas.get();
    if (units == 0) {
      units = estimated();
      boolean unused = gas.compareAndSet(0, units);
    }
    BigInteger price = baseFee.add(outbox.fees().tip());
    return new TokenAmount(price.multiply(BigInteger.valueOf(units)).min(MOST));
  }

  private long estimated() throws IOException {
    Transaction nothing =
        new Transaction(
            EvmAddress.ZERO,
            domain.contract(),
            TokenAmount.ZERO,
            RawBytes.of(ContractCalls.redeemNothing()));
    return switch (endpoints.ask(node -> node.estimate(nothing))) {
      case Estimate.Gas units -> Math.multiplyExact(units.units(), TIMES_NOTHING);
      case Estimate.Reverted reverted ->
          throw new IOException(
              "an empty redemption: " + Reverts.reason(reverted.data().bytes()).message());
    };
  }
}
