package io.sluice.cli;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.config.Quantities;

/** A duration as it stands on a command line. */
record Time(java.time.Duration length) {
  static Time parse(String text) {
    try {
      return new Time(Quantities.duration(text));
    } catch (IllegalArgumentException e) {
      throw new BadValue(ErrorCode.USAGE, "" + e.getMessage());
    }
  }
}
