package io.sluice.protocol.retrieval;

import static io.sluice.protocol.ipld.NodeCodec.ANY;
import static io.sluice.protocol.ipld.NodeCodec.LINK;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.util.Optional;

/**
 * Asks a provider for its exact terms.
 *
 * @param root root of the wanted content
 * @param selector what of it; absent means everything
 */
public record AskRequest(Cid root, Optional<Node> selector) {
  /** The wire form; unknown keys are ignored when reading. */
  public static final MapCodec<AskRequest> CODEC =
      MapCodec.of(
          f ->
              new AskRequest(
                  f.get("CID", LINK, AskRequest::root),
                  f.find("Selector", ANY, AskRequest::selector)));
}
