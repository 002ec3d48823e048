package io.sluice.protocol.retrieval;

import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Multiaddr;
import java.util.List;

/**
 * The answer on {@link RetrievalNames#TRANSPORTS_PROTOCOL}: how a provider can be reached. One
 * dag-cbor item, written at once and without a question.
 *
 * @param transports the transports offered
 */
public record Transports(List<Transport> transports) {
  /**
   * One transport.
   *
   * @param name {@code libp2p} for GraphSync retrieval
   * @param addresses where it listens
   */
  public record Transport(String name, List<Multiaddr> addresses) {
    /** Copies the list. */
    public Transport {
      addresses = List.copyOf(addresses);
    }
  }

  /** Copies the list. */
  public Transports {
    transports = List.copyOf(transports);
  }

  /** GraphSync over libp2p at these addresses. */
  public static Transports libp2p(List<Multiaddr> addresses) {
    return new Transports(List.of(new Transport("libp2p", addresses)));
  }

  /** The wire form. */
  public Node toNode() {
    return Node.map()
        .put("Protocols", Node.list(transports.stream().map(Transports::node).toList()))
        .build();
  }

  private static Node node(Transport transport) {
    return Node.map()
        .put("Name", Node.of(transport.name()))
        .put(
            "Addresses",
            Node.list(
                transport.addresses().stream().map(address -> Node.of(address.bytes())).toList()))
        .build();
  }
}
