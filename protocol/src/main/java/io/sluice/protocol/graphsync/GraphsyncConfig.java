package io.sluice.protocol.graphsync;

import io.sluice.protocol.ipld.WalkBudget;
import java.time.Duration;

/**
 * The limits of an endpoint.
 *
 * @param messageBytes a message is closed once its blocks would exceed this; a single larger block
 *     goes alone
 * @param sendBytesPerPeer bytes of blocks that may be queued for one peer; walks wait beyond it
 * @param sendBytes the same for all peers together
 * @param walksPerPeer responses to one peer that walk at once; others wait, paused ones do not
 *     count
 * @param walks the same for all peers together
 * @param waitingWalks responses that may wait; beyond it requests are refused as busy
 * @param requests requests of ours that run at once; others wait
 * @param receiveBytes bytes received but not yet walked, for each request; beyond it the stream is
 *     not read
 * @param quiet how long an outbound stream may be silent before it is closed
 * @param progress how long a stream may stand still within a message
 * @param afterWalk how long to wait for the responder's last status when our walk is done
 * @param sendAttempts how often a message is tried, each time on a new stream
 * @param unrequestedBlocks blocks without metadata that a request endures
 * @param duplicateBlocks blocks sent twice that a request endures
 * @param walk limits of one walk, at either end
 */
public record GraphsyncConfig(
    int messageBytes,
    long sendBytesPerPeer,
    long sendBytes,
    int walksPerPeer,
    int walks,
    int waitingWalks,
    int requests,
    long receiveBytes,
    Duration quiet,
    Duration progress,
    Duration afterWalk,
    int sendAttempts,
    int unrequestedBlocks,
    int duplicateBlocks,
    WalkBudget walk) {

  private static final int MIB = 1 << 20;

  /** Checks that walks cannot wait for ever. */
  public GraphsyncConfig {
    if (messageBytes < 1 || messageBytes > MIB) {
      throw new IllegalArgumentException(
          "messageBytes is " + messageBytes + ", allowed is 1 to 1 MiB");
    }
    if (sendBytesPerPeer < messageBytes || sendBytes < sendBytesPerPeer) {
      throw new IllegalArgumentException(
          "messageBytes <= sendBytesPerPeer <= sendBytes does not hold: %d, %d, %d"
              .formatted(messageBytes, sendBytesPerPeer, sendBytes));
    }
    if (walksPerPeer < 1 || walks < walksPerPeer || requests < 1 || sendAttempts < 1) {
      throw new IllegalArgumentException(
          "walksPerPeer, walks, requests and sendAttempts have to be positive");
    }
  }

  /** What a node uses that was not configured otherwise. */
  public static GraphsyncConfig defaults() {
    return new GraphsyncConfig(
        MIB / 2,
        16L * MIB,
        256L * MIB,
        4,
        32,
        256,
        32,
        8L * MIB,
        Duration.ofSeconds(4),
        Duration.ofSeconds(30),
        Duration.ofSeconds(30),
        4,
        16,
        1000,
        WalkBudget.DEFAULT);
  }
}
