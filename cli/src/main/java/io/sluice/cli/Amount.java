package io.sluice.cli;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.config.Quantities;

/** Money in base units as it stands on a command line. */
record Amount(io.sluice.protocol.retrieval.TokenAmount units) {
  static Amount parse(String text) {
    try {
      return new Amount(Quantities.amount(text));
    } catch (IllegalArgumentException e) {
      throw new BadValue(ErrorCode.BAD_AMOUNT, "" + e.getMessage());
    }
  }
}
