package io.sluice.fsm.client;

import io.sluice.fsm.client.ClientInput.Going;
import io.sluice.fsm.client.ClientInput.Verified;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;

/**
 * How far a deal has come at its client.
 *
 * @param transfer number of the transfer channel in use
 * @param answered whether the provider has agreed once
 * @param charged bytes that count as charged
 * @param received bytes of blocks received, those sent again too
 * @param position visits of the walk that are verified and synced
 * @param retries attempts since the position last moved
 */
public record ClientProgress(
    long transfer, boolean answered, long charged, long received, long position, long retries) {
  static final MapCodec<ClientProgress> CODEC =
      MapCodec.of(
          f ->
              new ClientProgress(
                  f.get("Transfer", NodeCodec.LONG, ClientProgress::transfer),
                  f.get("Answered", NodeCodec.BOOL, ClientProgress::answered),
                  f.get("Charged", NodeCodec.LONG, ClientProgress::charged),
                  f.get("Received", NodeCodec.LONG, ClientProgress::received),
                  f.get("Position", NodeCodec.LONG, ClientProgress::position),
                  f.get("Retries", NodeCodec.LONG, ClientProgress::retries)));

  ClientProgress withAnswer() {
    return new ClientProgress(transfer, true, charged, received, position, retries);
  }

  /** Reports may overtake each other, so figures only grow. */
  ClientProgress with(Verified input) {
    return new ClientProgress(
        transfer,
        answered,
        Math.max(charged, input.charged()),
        Math.max(received, input.received()),
        Math.max(position, input.position()),
        input.position() > position ? 0 : retries);
  }

  ClientProgress with(Going input) {
    return new ClientProgress(input.transfer(), answered, charged, received, position, retries + 1);
  }
}
