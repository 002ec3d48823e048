package io.sluice.protocol.pullsync.bee;

import java.time.Duration;

/**
 * The two generations of bee's pullsync that are spoken here.
 *
 * <p>bee itself accepts an id of any minor version up to its own, and then reads the messages of
 * its own version in it: a peer of 1.4.0 so takes the request number of a 1.0.0 for a bin. Here an
 * id means the messages of that version, and no others are accepted.
 *
 * <p>Spec: bee v1.0.0 and v2.8.1, {@code pkg/pullsync}.
 */
public enum BeeVersion {
  /** Requests with both bounds, cancelled by number; addresses alone are offered. */
  V1_0("1.0.0", 50, Duration.ofMillis(500)),
  /** Requests without an end; a chunk is its address, batch and stamp. */
  V1_4("1.4.0", 250, Duration.ofSeconds(1));

  private static final String PREFIX = "/swarm/pullsync/";

  private final String version;
  private final int page;
  private final Duration idle;

  BeeVersion(String version, int page, Duration idle) {
    this.version = version;
    this.page = page;
    this.idle = idle;
  }

  /** What a stream is for. */
  public enum Purpose {
    /** A page of a bin. */
    PULLSYNC,
    /** The highest number of each bin. */
    CURSORS,
    /** The end of a request of 1.0.0. */
    CANCEL
  }

  /** The id of a stream. */
  public String protocol(Purpose purpose) {
    return id(version, purpose);
  }

  /**
   * The id of a stream of another version, which a peer may be asked for to learn what it is.
   *
   * @param version with two dots
   */
  public static String id(String version, Purpose purpose) {
    return PREFIX + version + "/" + purpose.name().toLowerCase(java.util.Locale.ROOT);
  }

  /** Most chunks that are offered at once. */
  public int page() {
    return page;
  }

  /** How long after the last chunk a page that is not full is sent. */
  public Duration idle() {
    return idle;
  }
}
