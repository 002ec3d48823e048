package io.sluice.payments.ledger.embedded;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Intent;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One channel in the ledger's memory: the contract's storage, and how it was at each height. */
final class ChannelEntry {
  /** A lane: what was paid on it, and the highest nonce seen, which nothing depends on. */
  record LaneEntry(TokenAmount cumulative, long nonce) {
    static final LaneEntry NEW = new LaneEntry(TokenAmount.ZERO, 0);
  }

  final Map<Long, LaneEntry> lanes = new HashMap<>();
  private final TreeMap<Long, Channel> byHeight = new TreeMap<>();
  private Channel now;

  ChannelEntry(Bytes32 id, Intent.Open open, long height) {
    now =
        new Channel(
            id,
            open.sender(),
            open.payee(),
            open.signer(),
            open.token(),
            open.challengeSeconds(),
            false,
            Optional.empty(),
            open.amount(),
            TokenAmount.ZERO);
    byHeight.put(height, now);
  }

  Channel now() {
    return now;
  }

  Optional<Channel> at(long height) {
    return Optional.ofNullable(byHeight.floorEntry(height)).map(Map.Entry::getValue);
  }

  LaneEntry lane(long number) {
    return lanes.getOrDefault(number, LaneEntry.NEW);
  }

  boolean over(Instant time) {
    return now.settleAt().filter(at -> !time.isBefore(at)).isPresent();
  }

  void deposit(TokenAmount total, long height) {
    set(now.closed(), now.settleAt(), total, now.redeemed(), height);
  }

  void redeemed(TokenAmount total, long height) {
    set(now.closed(), now.settleAt(), now.deposit(), total, height);
  }

  void settle(Instant at, long height) {
    set(now.closed(), Optional.of(at), now.deposit(), now.redeemed(), height);
  }

  void close(long height) {
    set(true, now.settleAt(), now.deposit(), now.redeemed(), height);
  }

  private void set(
      boolean closed,
      Optional<Instant> settleAt,
      TokenAmount deposit,
      TokenAmount redeemed,
      long height) {
    now =
        new Channel(
            now.id(),
            now.payer(),
            now.payee(),
            now.signer(),
            now.token(),
            now.challengeSeconds(),
            closed,
            settleAt,
            deposit,
            redeemed);
    byHeight.put(height, now);
  }
}
