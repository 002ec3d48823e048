package io.sluice.node.pullsync;

import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.Lane;
import java.io.IOException;
import java.util.List;

/** The way to other nodes. */
interface Neighbours {
  /** A node, which is dialled when it is first asked something. */
  Neighbour at(PeerId peer, List<Multiaddr> addresses);

  /** Whether there is a connection at this moment, whoever dialled. */
  boolean isConnected(PeerId peer);

  /**
   * Asks a node to pull from this one.
   *
   * @param name what the sync is to be called there
   * @throws NeighbourException {@code REFUSED} if it does not, with its reason
   */
  void askToFollow(PeerId peer, List<Multiaddr> addresses, Lane lane, String name)
      throws IOException, NeighbourException;

  /**
   * Asks a node to pull from this one no more, if it does because it was asked to.
   *
   * @throws NeighbourException if it does not understand
   */
  void askToStop(PeerId peer, List<Multiaddr> addresses, Lane lane)
      throws IOException, NeighbourException;
}
