package io.sluice.payments.ledger.evm;

import java.net.URI;

/** One of the nodes that are asked. Guarded by {@link Endpoints}. */
final class Endpoint {
  private final URI uri;
  final ChainNode node;

  /** Of what is asked through {@link #node}. */
  final RpcTally tally;

  EndpointHealth health = EndpointHealth.NEW;

  Endpoint(URI uri, ChainNode node, RpcTally tally) {
    this.uri = uri;
    this.node = node;
    this.tally = tally;
  }

  /** Whether both are asked at the same place. */
  boolean isSameAs(Endpoint other) {
    return uri.equals(other.uri);
  }

  /** Its host alone: what follows is often a secret. */
  @Override
  public String toString() {
    return uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
  }
}
