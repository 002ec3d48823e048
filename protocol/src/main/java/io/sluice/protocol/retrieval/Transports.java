package io.sluice.protocol.retrieval;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.multiformats.Multiaddr;
import java.util.List;

/**
 * The answer on {@link RetrievalNames#TRANSPORTS_PROTOCOL}: how a provider can be reached. One
 * dag-cbor item, written at once and without a query.
 *
 * @param transports the transports offered
 */
public record Transports(List<Transport> transports) {
  private static final NodeCodec<List<Multiaddr>> ADDRESSES =
      NodeCodec.bytes(Multiaddr::bytes, Multiaddr::of).list();

  /** The wire form; unknown keys are ignored when reading. */
  public static final MapCodec<Transports> CODEC =
      MapCodec.of(
          f -> new Transports(f.get("Protocols", Transport.CODEC.list(), Transports::transports)));

  /**
   * One transport.
   *
   * @param name {@code libp2p} for GraphSync retrieval
   * @param addresses where it listens
   */
  public record Transport(String name, List<Multiaddr> addresses) {
    static final MapCodec<Transport> CODEC =
        MapCodec.of(
            f ->
                new Transport(
                    f.get("Name", NodeCodec.TEXT, Transport::name),
                    f.get("Addresses", ADDRESSES, Transport::addresses)));

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
}
