package io.sluice.fsm;

import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Moments at which losing the process would hurt most. With {@value #VARIABLE} set to the name of
 * one in the environment, the JVM is gone when it is reached, without a word, as by SIGKILL; with
 * {@code NAME:n}, when it is reached the n-th time. A test walks all of them. Unset, as always but
 * in that test, reaching one costs a comparison.
 */
public enum CrashPoint {
  // the journal, and what is made of it

  /** Records are written, not synced: nobody has been told that they are durable. */
  JOURNAL_WRITTEN,
  /** Records are synced; nobody has been told yet. */
  JOURNAL_SYNCED,
  /** A new segment is there and empty. */
  JOURNAL_SEGMENT_MADE,
  /** The journal has records that the tables lack. */
  TABLES_BEHIND,
  /** A snapshot is in place; the segments that it replaces are still there. */
  SNAPSHOT_WRITTEN,
  /** The tables have forgotten a segment that is still there. */
  SEGMENT_FORGOTTEN,

  // blocks

  /** A block is written; the index does not know it. */
  BLOCK_WRITTEN,
  /** Blocks are synced; the mark that says so is not written. */
  BLOCKS_SYNCED,
  /** A full file of blocks is sealed; there is no other to go on with. */
  BLOCK_FILE_SEALED,
  /** Blocks are durable; their numbers are written, not synced. */
  BLOCK_LOG_WRITTEN,
  /** Numbers are synced; nobody has been told. */
  BLOCK_LOG_SYNCED,
  /** A segment of the log is sealed and the next one made; the head does not know. */
  BLOCK_LOG_SEGMENT_MADE,
  /** The log is written anew without what is gone; what was written before still counts. */
  BLOCK_LOG_COMPACTED,

  // ledgers

  /** Something is to be done on a ledger; that is not durable. */
  INTENT_DUE,
  /** It is durable that something is to be done on a ledger; it is not done. */
  INTENT_PLANNED,
  /** It is done; that is not recorded. */
  INTENT_INCLUDED,
  /** That is recorded; nobody has acted on it. */
  INTENT_ENDED,
  /** A transaction is signed and durable; no node of the chain was handed it. */
  TRANSACTION_KEPT,
  /** A node was handed it; that is not noted. */
  TRANSACTION_SENT,
  /** It is in a block; that is not noted. */
  TRANSACTION_INCLUDED,
  /** It stays in the chain; that is not noted. */
  TRANSACTION_FINAL,
  /** A payee's consent to a channel's end is durable; the payer does not have it. */
  CONSENT_KEPT,

  // the client

  /** A deal is durable; nothing has been done for it. */
  DEAL_BEGUN,
  /** A lane is taken; the deal does not know. */
  LANE_TAKEN,
  /** A proposal or a restart is due. */
  PROPOSAL_DUE,
  /** Blocks are durable; the voucher that pays for them is not made. */
  VOUCHER_DUE,
  /** A voucher is signed, not journalled. */
  VOUCHER_SIGNED,
  /** A voucher is journalled, not sent. */
  VOUCHER_KEPT,
  /** A voucher is sent. */
  VOUCHER_SENT,
  /** All blocks are here and durable; the deal does not know. */
  ALL_VERIFIED,
  /** The last voucher is in the outbox, not sent. */
  LAST_VOUCHER_KEPT,
  /** The deal has ended; its lane is free on disk only. */
  LANE_LEFT,

  // the provider

  /** A proposal is durable; it is not decided. */
  PROPOSAL_KEPT,
  /** An opening is durable; the acceptance is not said. */
  OPENING_KEPT,
  /** Blocks are written to the client. */
  BLOCKS_SENT,
  /** The gate has closed; that is not recorded. */
  GATE_CLOSED,
  /** A voucher is good; it is not journalled. */
  VOUCHER_JUDGED,
  /** A voucher is journalled; it has opened no gate, and nobody has been told. */
  VOUCHER_TAKEN,
  /** The last block is sent; that is not recorded. */
  ALL_SENT,
  /** The deal is paid and has ended; the client has not been told. */
  DEAL_SETTLED,

  // a push

  /** A push is durable; the peer has not been asked. */
  PUSH_BEGUN,
  /** The peer has been asked; that is not recorded. */
  PUSH_OFFERED,
  /** Blocks are written to the peer. */
  PUSH_SENT,
  /** The last block is sent; that is not recorded. */
  PUSH_ALL_SENT,
  /** All of it is here, durable and listed; the channel does not know. */
  PUSH_KEPT,
  /** The channel is complete; the peer has not been told. */
  PUSH_COMPLETE,

  // a pull that is no deal

  /** A pull is durable; the peer has not been asked. */
  PULL_BEGUN,
  /** The peer has answered; that is not recorded. */
  PULL_ANSWERED,
  /** Blocks are written to the peer. */
  PULL_SENT,
  /** The last block is sent; that is not recorded. */
  PULL_ALL_SENT,
  /** All of it is here and durable; the channel does not know. */
  PULL_KEPT,
  /** The channel is complete; the peer has not been told. */
  PULL_COMPLETE,

  // either

  /** A peer's transfer is durable; it is not accepted. */
  TRANSFER_TAKEN,
  /** It is accepted; the peer has not been told. */
  TRANSFER_ACCEPTED,
  /** The limit is reached; that is not recorded. */
  LIMIT_REACHED,
  /** All is through and a last voucher is missing; the peer has not been told. */
  LAST_VOUCHER_DUE,
  /** A further voucher is durable; it is not sent. */
  FURTHER_VOUCHER_KEPT,
  /** A peer's further voucher is durable; it is not judged. */
  FURTHER_VOUCHER_TAKEN,
  /** It is durable that the transfer goes on; the peer has not been told. */
  TRANSFER_RESUMED,

  // dsync

  /** A push by dsync is durable; who pushes has not been told how to send its blocks. */
  DSYNC_BEGUN,
  /** Blocks of it are durable; nothing has been said of them. */
  DSYNC_BLOCKS_KEPT,
  /** All of it is listed; the push does not know. */
  DSYNC_LISTED,
  /** The push is complete; who pushes has not been told. */
  DSYNC_COMPLETE,
  /** A request over HTTP was answered. */
  DSYNC_ANSWERED,
  /** A part of a push of our own is handed to the network. */
  DSYNC_SENT,
  /** Blocks of a pull of our own are here, as many as the other end had; it is not listed. */
  DSYNC_PULLED;

  /** The variable of the environment that arms a point. */
  public static final String VARIABLE = "SLUICE_CRASH_AT";

  /** What the process then exits with, as after SIGKILL. */
  public static final int STATUS = 137;

  private static final @Nullable CrashPoint ARMED;
  private static final AtomicLong PASSES;

  static {
    String[] armed = System.getenv().getOrDefault(VARIABLE, "").split(":", 2);
    ARMED = armed[0].isEmpty() ? null : valueOf(armed[0]);
    PASSES = new AtomicLong(armed.length > 1 ? Long.parseLong(armed[1]) : 1);
  }

  /** Says that this moment has come; does not return if it is the one. */
  public void reached() {
    if (this == ARMED && PASSES.decrementAndGet() == 0) {
      Runtime.getRuntime().halt(STATUS);
    }
  }
}
