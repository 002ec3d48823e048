package io.sluice.fsm.provider;

import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Payee;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Objects;

/**
 * The lane that pays for a deal.
 *
 * @param payee where the money goes
 * @param channel the channel's id
 * @param lane the lane, no other live deal's
 * @param base what the lane had paid when the deal took it; credit is what is above
 * @param payer the account that signs
 * @param opening SHA-256 of the opening's canonical bytes: another one is another deal
 */
public record PaidOn(
    Payee payee, Bytes32 channel, long lane, TokenAmount base, EvmAddress payer, Bytes32 opening) {

  /** Checks that nothing is null. */
  public PaidOn {
    Objects.requireNonNull(payee, "payee");
    Objects.requireNonNull(channel, "channel");
    Objects.requireNonNull(base, "base");
    Objects.requireNonNull(payer, "payer");
    Objects.requireNonNull(opening, "opening");
  }
}
