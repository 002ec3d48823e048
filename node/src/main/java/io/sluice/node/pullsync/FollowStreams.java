package io.sluice.node.pullsync;

import io.sluice.node.api.ServiceException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.FollowAnswer;
import io.sluice.protocol.pullsync.FollowRequest;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets neighbours ask this node to pull from them: what a push of theirs would bring, pulled. So
 * those may who may push. What somebody asked for it may take back, whatever it may by then.
 */
public final class FollowStreams {
  private static final Logger LOG = LoggerFactory.getLogger(FollowStreams.class);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** Who may ask. */
  public interface FollowGrants {
    /** Whether what this peer has may be pulled because it says so. */
    boolean mayPush(PeerId peer) throws IOException;
  }

  private final Syncs syncs;
  private final FollowGrants grants;

  /** Takes what those ask for who may. */
  public FollowStreams(Syncs syncs, FollowGrants grants) {
    this.syncs = syncs;
    this.grants = grants;
  }

  /** Answers the peers of a host from here on. */
  public void serve(Host host) {
    host.handle(FollowRequest.PROTOCOL, this::answer);
  }

  private void answer(Stream stream) throws IOException {
    stream.timeout(PATIENCE);
    FollowAnswer answer;
    try {
      FollowRequest request = FollowRequest.decode(WholeStream.read(stream, FollowRequest.LONGEST));
      answer = answer(stream.remotePeer(), request);
    } catch (ProtocolException e) {
      LOG.debug("{} asks for nothing sensible: {}", stream.remotePeer(), e.getMessage());
      stream.reset();
      return;
    }
    WholeStream.write(stream, answer.encode());
  }

  private FollowAnswer answer(PeerId peer, FollowRequest request) throws IOException {
    if (request.stop()) {
      syncs.stopFollowing(peer, request.lane());
      return FollowAnswer.YES;
    }
    if (!grants.mayPush(peer)) {
      return new FollowAnswer(
          "that node may not have this one pull: 'sluice grants add %s --push' there allows it"
              .formatted(peer));
    }
    try {
      syncs.follow(peer, request.addresses(), request.lane(), request.name());
      return FollowAnswer.YES;
    } catch (ServiceException e) {
      return new FollowAnswer(String.valueOf(e.getMessage()));
    }
  }
}
