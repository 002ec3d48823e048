package io.sluice.payments.payer;

import io.sluice.payments.DealRef;
import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;

/**
 * The lane that a client's deal pays on, and the money set aside for it.
 *
 * @param deal whose it is
 * @param domain the channel's chain and contract
 * @param channel the channel's id
 * @param signer the account whose key signs for the channel
 * @param lane the lane; no other live deal has it
 * @param base what the lane had paid when the deal took it
 * @param budget most that the deal may add to that
 * @param best the lane's highest voucher, if it has one: goes into the opening as it is
 */
public record LaneTicket(
    DealRef deal,
    Domain domain,
    Bytes32 channel,
    EvmAddress signer,
    long lane,
    TokenAmount base,
    TokenAmount budget,
    Optional<SignedVoucher> best) {}
