package io.sluice.payments;

import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.Optional;

/**
 * Something that a home will do on a ledger by itself.
 *
 * @param kind what
 * @param domain on which ledger
 * @param channel about which channel; empty for a withdrawal
 * @param token of which token it brings something; zero for the native coin
 * @param amount what it brings, in base units
 * @param at when, as things stand; empty if something else has to change first
 * @param reason why then, or what it waits for
 */
public record PlannedAct(
    Kind kind,
    Domain domain,
    Optional<Bytes32> channel,
    EvmAddress token,
    TokenAmount amount,
    Optional<Instant> at,
    String reason) {

  /** What is done. */
  public enum Kind {
    /** Vouchers are turned into credit. */
    REDEEM,
    /** A channel's end begins. */
    SETTLE,
    /** What is left of a settled channel is taken back. */
    COLLECT,
    /** Credit leaves the contract. */
    WITHDRAW
  }
}
