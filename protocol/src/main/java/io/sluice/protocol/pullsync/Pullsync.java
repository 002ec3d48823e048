package io.sluice.protocol.pullsync;

import java.time.Duration;

/** Names and bounds of pullsync 1.0.0. */
public final class Pullsync {
  /** One page of an interval: a {@link Get}, and what follows it. */
  public static final String SYNC = "/sluice/pullsync/1.0.0/sync";

  /** How far a log is: a {@link Syn}, answered by an {@link Ack}. */
  public static final String CURSORS = "/sluice/pullsync/1.0.0/cursors";

  /** Items of an offer. */
  public static final int ITEMS = 250;

  /** The largest block. */
  public static final int BLOCK_BYTES = 4 << 20;

  /** All blocks of an offer together. */
  public static final int PAGE_BYTES = BLOCK_BYTES;

  /** The name of a listed root, in UTF-8. */
  public static final int NAME_BYTES = 1 << 10;

  /** Listings that one item ends. */
  public static final int LISTINGS = 1 << 12;

  /** The text of an error, in UTF-8. */
  public static final int TEXT_BYTES = 4 << 10;

  /** A message of whoever answers. */
  public static final int MESSAGE_BYTES = BLOCK_BYTES + (64 << 10);

  /** A message of whoever asks. */
  public static final int REQUEST_BYTES = 4 << 10;

  /** How long an answer may wait for the first item of a live interval. */
  public static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private Pullsync() {}

  /** Whether it can be a number of a log: those at the end of 63 bits are nobody's. */
  static boolean isNumber(long number) {
    return number > 0 && number < Long.MAX_VALUE;
  }
}
