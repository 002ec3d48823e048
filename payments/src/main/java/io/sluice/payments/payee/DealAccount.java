package io.sluice.payments.payee;

import io.sluice.payments.DealRef;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;

/**
 * The money side of one deal at its provider: what has been charged and paid, and whether the next
 * block may go. Methods may be called from any thread and wait for nothing but a short lock.
 */
public final class DealAccount {
  private final PayeeChannel channel;
  private final DealFigures figures;

  DealAccount(PayeeChannel channel, DealFigures figures) {
    this.channel = channel;
    this.figures = figures;
  }

  PayeeChannel home() {
    return channel;
  }

  DealFigures figures() {
    return figures;
  }

  /** The deal. */
  public DealRef deal() {
    return figures.deal();
  }

  /** The channel that pays for it. */
  public Bytes32 channel() {
    return channel.id;
  }

  /** The account that pays. */
  public EvmAddress payer() {
    return channel.payer;
  }

  /** The lane that pays for it. */
  public long lane() {
    return figures.lane().number();
  }

  /** What the lane had vouchered before this deal. */
  public TokenAmount base() {
    return figures.base();
  }

  /** The deal's terms. */
  public Terms terms() {
    return figures.terms();
  }

  /** What counts as paid now. */
  public TokenAmount credit() {
    return channel.figure(figures, DealFigures::credit);
  }

  /** What the vouchers in hand are worth, whether or not all of it counts yet. */
  public TokenAmount vouchered() {
    return channel.figure(figures, DealFigures::vouchered);
  }

  /** How many bytes have been charged. */
  public long charged() {
    return channel.figure(figures, DealFigures::charged);
  }

  /** States how many bytes have been charged in all; a smaller figure than before is ignored. */
  public void charged(long total) {
    channel.charge(figures, total);
  }

  /** What the client has still to pay for the bytes charged, fee included, by its vouchers. */
  public TokenAmount owed() {
    return channel.figure(figures, DealFigures::owed);
  }

  /** The bytes that it left unpaid, as far as that still speaks against its payer. */
  long debt(Instant now) {
    return channel.figure(figures, deal -> deal.debt(now));
  }

  /** Whether everything charged is paid, and counts. */
  public boolean settled() {
    return channel.figure(figures, DealFigures::isSettled);
  }

  /** Below how many charged bytes a block may start. */
  public long limit() {
    return channel.limit(figures);
  }

  /**
   * Whether a block that would be newly charged may go. Blocks that are not charged need not ask.
   *
   * @param size the block's size in bytes
   */
  public BlockPermit pass(long size) {
    return channel.pass(figures, size);
  }

  /** By how much the deposit is too small for this deal to go on for a window; at least 1. */
  public TokenAmount shortfall() {
    return channel.shortfall(figures);
  }
}
