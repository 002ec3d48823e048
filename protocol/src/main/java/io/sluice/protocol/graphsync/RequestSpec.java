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
    return copy(changes -> changes.extensions = carried);
  }

  /** The same to a peer at these addresses. */
  public RequestSpec at(List<Multiaddr> where) {
    return copy(changes -> changes.addresses = where);
  }

  /** The same, leaving out exactly these of the wire. */
  public RequestSpec leavingOut(Exclusions wire) {
    return copy(
        changes -> {
          changes.skipFirst = OptionalLong.of(wire.skipFirst());
          changes.doNotSend = wire.doNotSend();
        });
  }

  /** The same with a priority: higher is served earlier among the requests to one peer. */
  public RequestSpec urgent(int how) {
    return copy(changes -> changes.priority = how);
  }

  /** The same with a dedup key. */
  public RequestSpec keyed(String key) {
    return copy(changes -> changes.dedupKey = Optional.of(key));
  }

  /** The same, sent in any case. */
  public RequestSpec always() {
    return copy(changes -> changes.sendAlways = true);
  }

  /** The same, counting charged bytes by the exclusions of the deal's first request. */
  public RequestSpec charging(Exclusions first) {
    return copy(changes -> changes.exclusions = Optional.of(first));
  }

  private RequestSpec copy(Consumer<Changes> change) {
    Changes changes = new Changes(this);
    change.accept(changes);
    return new RequestSpec(
        root,
        selector,
        changes.extensions,
        changes.priority,
        changes.addresses,
        changes.skipFirst,
        changes.doNotSend,
        changes.dedupKey,
        changes.sendAlways,
        changes.exclusions);
  }

  /** What may differ in a copy. */
  private static final class Changes {
    private Map<String, Node> extensions;
    private int priority;
    private List<Multiaddr> addresses;
    private OptionalLong skipFirst;
    private List<Cid> doNotSend;
    private Optional<String> dedupKey;
    private boolean sendAlways;
    private Optional<Exclusions> exclusions;

    private Changes(RequestSpec from) {
      extensions = from.extensions;
      priority = from.priority;
      addresses = from.addresses;
      skipFirst = from.skipFirst;
      doNotSend = from.doNotSend;
      dedupKey = from.dedupKey;
      sendAlways = from.sendAlways;
      exclusions = from.exclusions;
    }
  }
}
