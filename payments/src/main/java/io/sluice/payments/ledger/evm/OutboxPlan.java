package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.evm.OutboxRow.Mined;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is to be done next about a row, by nothing but the row and what the chain says. Spec:
 * PAYMENT CHANNELS, 8.5.
 *
 * @param stuckAfter blocks after which a transaction that could be included is replaced, where
 *     nothing presses
 * @param watched blocks for which one that was included is looked after
 */
record OutboxPlan(long stuckAfter, long watched) {
  /**
   * A nonce that was used so many blocks ago, and of which no node knows that it was by us, was
   * used by another: receipts may come a while after their block, and nodes lag.
   */
  static final long SURE = 12;

  /** What can be done about a row. */
  enum Act {
    /** Nothing now. */
    WAIT,
    /** Hand out the newest bytes, for the first time or once more. */
    BROADCAST,
    /** Sign the same with higher fees. */
    RAISE,
    /** Note the block that it is in. */
    NOTE_INCLUDED,
    /** Note that it is not where it was, and hand it out again. */
    TAKE_BACK,
    /** It stays as it is. */
    MAKE_FINAL,
    /** It was reverted, and that stays: look whether what it was for is so all the same. */
    JUDGE_REVERTED,
    /** Something else has its nonce, for good. */
    GIVE_UP
  }

  /**
   * What the chain says about a row.
   *
   * @param height the newest block
   * @param settled the newest block that counts
   * @param mined the block that one of the versions is in
   * @param isInPool whether a node has the newest version
   * @param used how many nonces the account has used, by the newest block
   * @param usedForGood the same by the newest block that counts and is {@link #SURE} blocks deep,
   *     where it matters
   * @param left until it is of no use, by the chain's time, as far as that is known
   * @param canRaise whether the fees may still rise
   */
  record Facts(
      long height,
      long settled,
      Optional<Mined> mined,
      boolean isInPool,
      long used,
      OptionalLong usedForGood,
      Optional<Duration> left,
      boolean canRaise) {}

  /** Whether a row that waits is to pay more at that height, and how much more. */
  FeeRise rise(OutboxRow row, long height, Optional<Duration> left) {
    return FeeRise.of(height - row.sentAt(), left, stuckAfter);
  }

  Act next(OutboxRow row, Facts facts) {
    return switch (row.state()) {
      // Signed and perhaps handed out before a crash: to look first costs nothing.
      case SIGNED, BROADCAST -> facts.mined().isPresent() ? Act.NOTE_INCLUDED : waiting(row, facts);
      case INCLUDED -> included(row, facts);
      case FINAL, REPLACED, FAILED, FORGOTTEN -> Act.WAIT;
    };
  }

  private Act waiting(OutboxRow row, Facts facts) {
    if (facts.used() > row.nonce()) {
      // Used by whom? Perhaps by this, and the node does not know yet.
      boolean forGood =
          facts.usedForGood().isPresent() && facts.usedForGood().getAsLong() > row.nonce();
      return forGood ? Act.GIVE_UP : Act.WAIT;
    }
    if (row.state() == OutboxState.SIGNED) {
      return Act.BROADCAST;
    }
    // Only the account's next one can be included at all: those behind it are not stuck. Whether
    // it waits or was dropped, what it pays is too little.
    boolean isNext = facts.used() == row.nonce();
    boolean isStuck = rise(row, facts.height(), facts.left()).isDue();
    if (isNext && isStuck && facts.canRaise()) {
      return Act.RAISE;
    }
    return facts.isInPool() ? Act.WAIT : Act.BROADCAST;
  }

  private Act included(OutboxRow row, Facts facts) {
    if (facts.mined().isEmpty()) {
      return Act.TAKE_BACK;
    }
    Mined now = facts.mined().get();
    if (!facts.mined().equals(row.mined())) {
      return Act.NOTE_INCLUDED;
    }
    if (!now.succeeded()) {
      return now.block() <= facts.settled() ? Act.JUDGE_REVERTED : Act.WAIT;
    }
    boolean stays = now.block() <= facts.settled() && now.block() <= facts.height() - watched;
    return stays ? Act.MAKE_FINAL : Act.WAIT;
  }
}
