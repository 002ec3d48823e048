package io.sluice.protocol.pullsync;

/** Numbers of 64 bits without a sign that are amounts: more than 31 bits is as much as they. */
final class Saturated {
  private Saturated() {}

  static int of(long unsigned) {
    return unsigned < 0 || unsigned > Integer.MAX_VALUE ? Integer.MAX_VALUE : (int) unsigned;
  }
}
