package io.sluice.node.config;

import io.sluice.protocol.libp2p.ConnectionGater;
import io.sluice.protocol.multiformats.PeerId;
import java.net.InetAddress;
import java.util.function.Predicate;

/**
 * Whom this node connects with: nobody that the configuration denies, either way, and it dials
 * nobody on the deny list. Those on the list are let in, for they are owed an answer: that they are
 * not served.
 *
 * @param config peers and addresses that are denied
 * @param listed whether a peer is on the deny list
 */
record PeerRules(NodeConfig.Networking config, Predicate<PeerId> listed)
    implements ConnectionGater {
  @Override
  public boolean mayDial(PeerId peer) {
    return mayEnter(peer) && !listed.test(peer);
  }

  @Override
  public boolean mayTouch(InetAddress address) {
    return config.deniedRanges().stream().noneMatch(range -> range.contains(address));
  }

  @Override
  public boolean mayEnter(PeerId peer) {
    return !config.deniedPeers().contains(peer);
  }
}
