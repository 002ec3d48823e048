package io.sluice.protocol.graphsync;

import io.sluice.protocol.graphsync.MemoryNetwork.MemoryHost;
import io.sluice.protocol.graphsync.endpoint.Graphsync;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;

/** Two endpoints over one network in memory, and what a request of theirs hears. */
abstract class EndpointPair {

  static final GraphsyncConfig CONFIG = GraphsyncConfig.defaults();

  final MemoryNetwork network = new MemoryNetwork();
  final MemoryHost provider = network.host(1);
  final MemoryHost client = network.host(2);
  final List<Graphsync> endpoints = new ArrayList<>();

  @AfterEach
  void close() {
    endpoints.forEach(Graphsync::close);
  }

  Graphsync serving(Function<IncomingRequest, RequestDecision> decide) {
    return started(Graphsync.start(provider, CONFIG, decide::apply));
  }

  Graphsync asking() {
    return started(Graphsync.start(client, CONFIG, IncomingRequests.NONE));
  }

  Graphsync started(Graphsync endpoint) {
    endpoints.add(endpoint);
    return endpoint;
  }

  /** Keeps what it hears. */
  static final class Heard implements RequestListener {
    final List<VisitReport> visits = new ArrayList<>();
    final BlockingQueue<ResponseStatus> statuses = new LinkedBlockingQueue<>();
    final BlockingQueue<Map<String, Node>> extensions = new LinkedBlockingQueue<>();
    final CompletableFuture<RequestResult> end = new CompletableFuture<>();
    volatile Exclusions wire;

    @Override
    public void onSending(Exclusions leftOut) {
      wire = leftOut;
    }

    @Override
    public void onResponse(ResponseStatus status, Map<String, Node> said) {
      statuses.add(status);
      if (!said.isEmpty()) {
        extensions.add(said);
      }
    }

    @Override
    public void onVisit(VisitReport visit) {
      visits.add(visit);
    }

    @Override
    public void onEnd(RequestResult result) {
      end.complete(result);
    }

    long charged() {
      return visits.isEmpty() ? 0 : visits.getLast().charged();
    }
  }
}
