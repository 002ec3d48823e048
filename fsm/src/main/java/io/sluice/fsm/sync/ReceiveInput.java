package io.sluice.fsm.sync;

import static io.sluice.protocol.ipld.NodeCodec.LONG;

import io.sluice.protocol.ipld.MapCodec;

/**
 * What an event of a push brings along.
 *
 * @param bytes that came since the process began, 0 or more
 */
public record ReceiveInput(long bytes) {
  static final MapCodec<ReceiveInput> CODEC =
      MapCodec.of(f -> new ReceiveInput(f.get("Bytes", LONG, ReceiveInput::bytes)));

  /** Checks the range. */
  public ReceiveInput {
    if (bytes < 0) {
      throw new IllegalArgumentException(bytes + " bytes");
    }
  }
}
