package io.sluice.payments.ledger;

import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/**
 * One payment channel contract on one chain, as a node sees it.
 *
 * <p>All methods block and may be called from any thread. {@link IOException} means that the ledger
 * could not be asked or that its answer is not known: whatever was submitted may or may not have
 * happened, and the same intent is to be submitted again.
 */
public interface ChannelLedger extends Closeable {
  /** Most vouchers that one redemption takes. */
  int MAX_BATCH = 64;

  /** Chain and contract: what vouchers for this ledger are signed for. */
  Domain domain();

  /** What to call this ledger and how its native coin is shown. */
  LedgerFacts facts();

  /** The newest height and its time. Settling is judged by this time, never by the wall clock. */
  Head head() throws IOException;

  /**
   * Does what the intent says, once: an id that was already included is answered as the first time
   * and changes nothing. A refused intent leaves nothing behind and may be submitted again. What is
   * {@link Outcome.Pending} is seen to by the ledger, also after it was opened again; submitting it
   * again tells what became of it.
   *
   * @throws IllegalArgumentException if the id was used for something else before
   */
  Outcome submit(Intent intent) throws IOException;

  /** What became of an intent: {@link Outcome.Unknown} if this ledger never included it. */
  Outcome outcome(IntentId id) throws IOException;

  /**
   * Whether what happened may be undone for a while, a channel's opening included. Where it may
   * not, a channel that is gone means that this is another ledger.
   */
  default boolean mayTakeBack() {
    return false;
  }

  /** The channel at the head; empty if there is none of that id. */
  Optional<Channel> channel(Bytes32 id) throws IOException;

  /** The channel as it stood at the end of a height; empty if it was not there yet. */
  Optional<Channel> channel(Bytes32 id, long height) throws IOException;

  /** What has been redeemed on a lane so far, at the head. */
  TokenAmount redeemed(Bytes32 channel, long lane) throws IOException;

  /** What an account may withdraw. */
  TokenAmount credit(EvmAddress token, EvmAddress account) throws IOException;

  /** What an account owns outside all channels. */
  TokenAmount balance(EvmAddress token, EvmAddress account) throws IOException;

  /**
   * Up to {@code max} events after the cursor, oldest first.
   *
   * <p>Each comes once, unless the chain under this ledger changes its end: then a page begins with
   * a {@link LedgerEvent.Voided} for each channel that had events in what is gone, besides those
   * {@code max}, and what follows may tell once more what was told before. Events say absolute
   * figures, so whoever sets what they say, and asks for a voided channel anew, is right again:
   * {@link #channel(Bytes32)} and {@link #channel(Bytes32, long)} never remember. A cursor that was
   * kept for longer than this ledger was open does not bring what became void in between.
   */
  EventPage events(Cursor after, int max) throws IOException;

  /** Where the newest event is: a start for those who only want what comes. */
  Cursor end() throws IOException;

  /**
   * A place that nothing is before which happened at that time or later; as far behind it as the
   * ledger finds without much asking. For those who want what came since.
   */
  default Cursor before(Instant time) throws IOException {
    return Cursor.START;
  }

  /** About what one redemption costs its sender, in the native coin. */
  TokenAmount redemptionCost() throws IOException;

  /**
   * The same as amounts of a token are held against it. What one token is worth in another, no
   * ledger says: of any but the native coin it is zero, and limits of the token itself have to say
   * what is worth redeeming.
   */
  default TokenAmount redemptionCost(EvmAddress token) throws IOException {
    return token.isZero() ? redemptionCost() : TokenAmount.ZERO;
  }

  /** How the way to this ledger is. Never blocks: nobody is asked for it. */
  default LedgerStanding standing() {
    return LedgerStanding.DIRECT;
  }
}
