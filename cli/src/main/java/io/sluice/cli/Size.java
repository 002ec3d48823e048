package io.sluice.cli;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.config.Quantities;

/** A number of bytes as it stands on a command line. */
record Size(long bytes) {
  static Size parse(String text) {
    try {
      return new Size(Quantities.size(text));
    } catch (IllegalArgumentException e) {
      throw new BadValue(ErrorCode.BAD_SIZE, "" + e.getMessage());
    }
  }
}
