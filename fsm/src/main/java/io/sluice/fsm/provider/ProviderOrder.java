package io.sluice.fsm.provider;

import io.sluice.fsm.LeftOut;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;

/**
 * What a client asked for; fixed for the deal's life.
 *
 * @param peer the client
 * @param id the client's number for the deal
 * @param root root of the content
 * @param selector what of it
 * @param leftOut what is neither sent nor charged
 * @param paid whether money was spoken of
 */
public record ProviderOrder(
    PeerId peer, long id, Cid root, Node selector, LeftOut leftOut, boolean paid) {
  static final MapCodec<ProviderOrder> CODEC =
      MapCodec.of(
          f ->
              new ProviderOrder(
                  f.get("Peer", NodeCodec.bytes(PeerId::bytes, PeerId::of), ProviderOrder::peer),
                  f.get("ID", NodeCodec.LONG, ProviderOrder::id),
                  f.get("Root", NodeCodec.LINK, ProviderOrder::root),
                  f.get("Selector", NodeCodec.ANY, ProviderOrder::selector),
                  f.get("LeftOut", LeftOut.CODEC, ProviderOrder::leftOut),
                  f.get("Paid", NodeCodec.BOOL, ProviderOrder::paid)));
}
