package io.sluice.payments;

import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.Optional;

/**
 * The money in one channel of which the ledger has told that it is not closed, as it matters to who
 * watches over it.
 *
 * @param id the channel's id
 * @param role this home's part in it
 * @param domain chain and contract
 * @param token what it pays in
 * @param inside what lies in it: the deposit, less what was redeemed
 * @param atRisk to the payee: vouchers that are not redeemed; to the payer: what was not signed
 *     away
 * @param settleAt when the payer may take back what is left, if it has said that it will
 */
public record ChannelStanding(
    Bytes32 id,
    ChannelBook.Role role,
    Domain domain,
    EvmAddress token,
    TokenAmount inside,
    TokenAmount atRisk,
    Optional<Instant> settleAt) {}
