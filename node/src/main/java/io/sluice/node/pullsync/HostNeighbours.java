package io.sluice.node.pullsync;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.FollowAnswer;
import io.sluice.protocol.pullsync.FollowRequest;
import io.sluice.protocol.pullsync.Lane;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;

/**
 * Other nodes, by libp2p.
 *
 * @param host reaches them
 * @param hashing where their blocks are hashed
 */
record HostNeighbours(Host host, ExecutorService hashing) implements Neighbours {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Override
  public Neighbour at(PeerId peer, List<Multiaddr> addresses) {
    return new PullsyncNeighbour(host, peer, addresses, hashing);
  }

  @Override
  public boolean isConnected(PeerId peer) {
    return host.isConnected(peer);
  }

  @Override
  public void askToFollow(PeerId peer, List<Multiaddr> addresses, Lane lane, String name)
      throws IOException, NeighbourException {
    List<Multiaddr> own = host.addresses().stream().limit(FollowRequest.MOST_ADDRESSES).toList();
    ask(peer, addresses, FollowRequest.begin(lane, name, own));
  }

  @Override
  public void askToStop(PeerId peer, List<Multiaddr> addresses, Lane lane)
      throws IOException, NeighbourException {
    ask(peer, addresses, FollowRequest.stop(lane));
  }

  private void ask(PeerId peer, List<Multiaddr> addresses, FollowRequest request)
      throws IOException, NeighbourException {
    FollowAnswer answer;
    try (Stream stream = host.open(peer, addresses, List.of(FollowRequest.PROTOCOL))) {
      stream.timeout(PATIENCE);
      WholeStream.write(stream, request.encode());
      answer = FollowAnswer.decode(WholeStream.read(stream, FollowRequest.LONGEST));
    } catch (ProtocolException e) {
      throw new NeighbourException(
          NeighbourException.Kind.WRONG, String.valueOf(e.getMessage()), Duration.ZERO);
    }
    if (!answer.refusal().isEmpty()) {
      throw new NeighbourException(
          NeighbourException.Kind.REFUSED, answer.refusal(), Duration.ZERO);
    }
  }
}
