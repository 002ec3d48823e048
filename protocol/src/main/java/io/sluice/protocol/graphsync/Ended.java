package io.sluice.protocol.graphsync;

/**
 * Leaves a walk from within: not an error, only a way out. Why is known to the run that threw it.
 */
final class Ended extends RuntimeException {

  Ended() {
    super("the walk was ended", null, false, false);
  }
}
