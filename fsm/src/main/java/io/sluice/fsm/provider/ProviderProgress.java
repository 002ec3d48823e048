package io.sluice.fsm.provider;

import static io.sluice.protocol.ipld.NodeCodec.LONG;

import io.sluice.fsm.provider.ProviderInput.Restarted;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import java.math.BigInteger;

/**
 * How far a deal has come. Figures only grow: what comes late changes nothing.
 *
 * @param transfer number of the transfer channel in use, unsigned
 * @param charged bytes charged, as last recorded
 * @param position most visits that a restart has had behind it
 * @param restarts restarts since the position last moved
 */
public record ProviderProgress(long transfer, long charged, long position, long restarts) {
  /** Transfer numbers use all 64 bits. */
  static final NodeCodec<Long> UNSIGNED =
      NodeCodec.of(
          value -> Node.of(new BigInteger(Long.toUnsignedString(value))),
          node -> node.asBigInteger().longValue());

  static final MapCodec<ProviderProgress> CODEC =
      MapCodec.of(
          f ->
              new ProviderProgress(
                  f.get("Transfer", UNSIGNED, ProviderProgress::transfer),
                  f.get("Charged", LONG, ProviderProgress::charged),
                  f.get("Position", LONG, ProviderProgress::position),
                  f.get("Restarts", LONG, ProviderProgress::restarts)));

  ProviderProgress charged(long total) {
    return new ProviderProgress(transfer, Math.max(charged, total), position, restarts);
  }

  ProviderProgress with(Restarted input) {
    boolean moves = input.position() > position;
    return new ProviderProgress(
        input.transfer(), charged, Math.max(position, input.position()), moves ? 0 : restarts + 1);
  }
}
