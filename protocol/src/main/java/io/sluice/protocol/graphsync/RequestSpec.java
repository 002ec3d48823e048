package io.sluice.protocol.graphsync;

import io.sluice.protocol.graphsync.wire.Extensions;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * What to ask a peer for.
 *
 * @param root where the walk begins
 * @param selector what it takes
 * @param extensions go with the request, beside those that GraphSync itself needs
 * @param addresses where the peer may be dialled; what the host knows is tried as well
 * @param skipFirst how many visits from the beginning shall bring no bytes, exactly; empty to
 *     count, by a walk over the store, how many the requestor has
 * @param doNotSend blocks that shall bring no bytes
 * @param dedupKey see {@link Extensions#DEDUP_BY_KEY}
 * @param sendAlways whether the request goes out even if all blocks are in the store
 * @param exclusions what is never charged, for {@link VisitReport#charged}: that of the deal's
 *     first request; empty for what this request leaves out
 */
public record RequestSpec(
    Cid root,
    Node selector,
    Map<String, Node> extensions,
    int priority,
    List<Multiaddr> addresses,
    OptionalLong skipFirst,
    List<Cid> doNotSend,
    Optional<String> dedupKey,
    boolean sendAlways,
    Optional<Exclusions> exclusions) {

  /** Copies the collections. */
  public RequestSpec {
    extensions = Extensions.copyOf(extensions);
    addresses = List.copyOf(addresses);
    doNotSend = List.copyOf(doNotSend);
  }

  /**
   * The plain request: leaves out what the requestor has, and is sent only if something is missing.
   */
  public static RequestSpec of(Cid root, Node selector) {
    return new RequestSpec(
        root,
        selector,
        Map.of(),
        0,
        List.of(),
        OptionalLong.empty(),
        List.of(),
        Optional.empty(),
        false,
        Optional.empty());
  }

  /** The same with these extensions. */
  public RequestSpec with(Map<String, Node> carried) {
    return copy(draft -> draft.extensions = carried);
  }

  /** The same to a peer at these addresses. */
  public RequestSpec at(List<Multiaddr> where) {
    return copy(draft -> draft.addresses = where);
  }

  /** The same, leaving out exactly these of the wire. */
  public RequestSpec leavingOut(Exclusions wire) {
    return copy(
        draft -> {
          draft.skipFirst = OptionalLong.of(wire.skipFirst());
          draft.doNotSend = wire.doNotSend();
        });
  }

  /** The same with a dedup key. */
  public RequestSpec keyed(String key) {
    return copy(draft -> draft.dedupKey = Optional.of(key));
  }

  /** The same, sent in any case. */
  public RequestSpec always() {
    return copy(draft -> draft.sendAlways = true);
  }

  /** The same, counting charged bytes by the exclusions of the deal's first request. */
  public RequestSpec charging(Exclusions first) {
    return copy(draft -> draft.exclusions = Optional.of(first));
  }

  private RequestSpec copy(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return new RequestSpec(
        root,
        selector,
        draft.extensions,
        priority,
        draft.addresses,
        draft.skipFirst,
        draft.doNotSend,
        draft.dedupKey,
        draft.sendAlways,
        draft.exclusions);
  }

  /** What may differ in a copy. */
  private static final class Draft {
    private Map<String, Node> extensions;
    private List<Multiaddr> addresses;
    private OptionalLong skipFirst;
    private List<Cid> doNotSend;
    private Optional<String> dedupKey;
    private boolean sendAlways;
    private Optional<Exclusions> exclusions;

    private Draft(RequestSpec from) {
      extensions = from.extensions;
      addresses = from.addresses;
      skipFirst = from.skipFirst;
      doNotSend = from.doNotSend;
      dedupKey = from.dedupKey;
      sendAlways = from.sendAlways;
      exclusions = from.exclusions;
    }
  }
}
