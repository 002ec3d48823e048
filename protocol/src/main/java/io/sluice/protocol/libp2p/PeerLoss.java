package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.PeerId;

/**
 * The last connection to a peer is gone. Whoever hears of it may hear late, when the peer has
 * connected again and has begun something new; the number tells that from what was lost.
 *
 * @param peer whose connection it was
 * @param number counts the losses of all peers, from 1; see {@link Host#losses}
 */
public record PeerLoss(PeerId peer, long number) {
  /**
   * Whether it ended what began at that time.
   *
   * @param lossesBefore what {@link Host#losses} said when it began
   */
  public boolean concerns(long lossesBefore) {
    return lossesBefore < number;
  }
}
