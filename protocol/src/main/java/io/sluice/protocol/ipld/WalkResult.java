package io.sluice.protocol.ipld;

/**
 * What a walk that came to its end has seen.
 *
 * @param visits blocks asked for, found or not, repeated ones counted again
 * @param missing how many of them were missing
 * @param bytes bytes of those found, repeated ones counted again
 * @param rootFound whether the root was there; if not, there were no others
 */
public record WalkResult(long visits, long missing, long bytes, boolean rootFound) {
  /** Whether nothing was missing. */
  public boolean isComplete() {
    return missing == 0;
  }
}
