package io.sluice.payments.ledger.evm;

import io.sluice.payments.ledger.LedgerStanding.NodeFault;
import io.sluice.payments.ledger.LedgerStanding.NodeStanding;
import io.sluice.payments.ledger.evm.contract.ContractCode;
import io.sluice.payments.voucher.Domain;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The nodes through which the chain is seen. The first that is usable is asked; one that does not
 * do its part is put aside for a while, and is found to be the right chain, with the contract on
 * it, before it is asked again. Safe for many threads; nothing is locked while a node is asked.
 */
final class Endpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);

  /** A few blocks' difference is how chains are. */
  private static final long TOLERANCE = 5;

  /** A question to one node. */
  @FunctionalInterface
  interface Question<T> {
    T ask(ChainNode node) throws IOException;
  }

  private final List<Endpoint> endpoints;
  private final Domain domain;
  private final ContractCode code;
  private final Duration staleAfter;
  private final Clock clock;
  private final AtomicLong highest = new AtomicLong();
  private final AtomicLong disagreements = new AtomicLong();
  private final AtomicBoolean isDisputed = new AtomicBoolean();
  private volatile Optional<ContractCode.Bounds> bounds = Optional.empty();

  Endpoints(
      List<Endpoint> endpoints,
      Domain domain,
      ContractCode code,
      Duration staleAfter,
      Clock clock) {
    this.endpoints = List.copyOf(endpoints);
    this.domain = domain;
    this.code = code;
    this.staleAfter = staleAfter;
    this.clock = clock;
  }

  /**
   * Asks until one answers.
   *
   * @throws RpcErrorException if all that can be asked answered with an error
   * @throws IOException if none can be asked, saying what is wrong with each
   */
  <T> T ask(Question<T> question) throws IOException {
    RpcErrorException error = null;
    for (Endpoint endpoint : endpoints) {
      if (!health(endpoint).isUsable(clock.instant())) {
        continue;
      }
      try {
        verify(endpoint);
        T answer = question.ask(endpoint.node);
        put(endpoint, health(endpoint).answered());
        return answer;
      } catch (RpcErrorException e) {
        endpoint.tally.failed(NodeFault.ERROR);
        error = e;
      } catch (EndpointException e) {
        putAside(endpoint, e);
      }
    }
    if (error != null) {
      throw error;
    }
    throw new IOException(
        "no endpoint of chain %d answers: %s".formatted(domain.chainId(), causes()));
  }

  /**
   * Asks one after the other until two of different URLs say the same; who said something else is
   * put aside. What an endpoint does not know, it says nothing about.
   *
   * @throws IOException if it is not the endpoints' fault
   */
  <T> Agreement<T> askTwo(Question<Optional<T>> question) throws IOException {
    List<Agreement.Testimony<T>> said = new ArrayList<>();
    Agreement<T> agreement = Agreement.of(said);
    Iterator<Endpoint> left = distinct().iterator();
    while (left.hasNext() && !(agreement instanceof Agreement.Agreed)) {
      Endpoint endpoint = left.next();
      askOne(endpoint, question)
          .ifPresent(facts -> said.add(new Agreement.Testimony<>(endpoint, facts)));
      agreement = Agreement.of(said);
    }
    settle(agreement);
    return agreement;
  }

  /** Of those that may be asked, each URL once. */
  private List<Endpoint> distinct() {
    return endpoints.stream()
        .filter(endpoint -> health(endpoint).isUsable(clock.instant()))
        .filter(
            endpoint ->
                endpoints.stream().filter(endpoint::isSameAs).findFirst().orElseThrow() == endpoint)
        .toList();
  }

  /** Empty if it does not know, or does not do its part. */
  private <T> Optional<T> askOne(Endpoint endpoint, Question<Optional<T>> question)
      throws IOException {
    try {
      verify(endpoint);
      Optional<T> answer = question.ask(endpoint.node);
      put(endpoint, health(endpoint).answered());
      return answer;
    } catch (RpcErrorException e) {
      LOG.debug("{} does not say: {}", endpoint, e.toString());
    } catch (EndpointException e) {
      putAside(endpoint, e);
    }
    return Optional.empty();
  }

  private <T> void settle(Agreement<T> agreement) {
    switch (agreement) {
      case Agreement.Agreed<T> agreed -> {
        for (Endpoint outvoted : agreed.outvoted()) {
          disagreements.incrementAndGet();
          putAside(outvoted, EndpointException.wrong("it says what two others say is not so"));
        }
        if (isDisputed.getAndSet(false)) {
          LOG.info("endpoints of chain {} agree again", domain.chainId());
        }
      }
      case Agreement.Disputed<T> disputed -> {
        disagreements.incrementAndGet();
        if (!isDisputed.getAndSet(true)) {
          LOG.error(
              "endpoints of chain {} contradict each other, and nothing of it is believed: {}",
              domain.chainId(),
              disputed.said().stream().map(Agreement.Testimony::endpoint).toList());
        }
      }
      case Agreement.TooFew<T> tooFew -> {}
    }
  }

  /** How often one contradicted another where two are needed, since this was opened. */
  long disagreements() {
    return disagreements.get();
  }

  /** The newest block that two of them have, by their own word. */
  OptionalLong commonHeight() throws IOException {
    List<Long> heights = new ArrayList<>();
    for (Endpoint endpoint : distinct()) {
      askOne(endpoint, node -> Optional.of(node.latest().number())).ifPresent(heights::add);
    }
    heights.sort(Comparator.reverseOrder());
    boolean isEnough =
        heights.size() >= Agreement.NEEDED
            && !EndpointHealth.isBehind(heights.get(1), highest.get(), TOLERANCE);
    return isEnough ? OptionalLong.of(heights.get(1)) : OptionalLong.empty();
  }

  /** The contract's bounds, once an endpoint was found to have it. */
  Optional<ContractCode.Bounds> bounds() {
    return bounds;
  }

  /** Whether one said what is not so: not out of reach, but not what it should be. */
  boolean isAnyWrong() {
    return endpoints.stream().anyMatch(endpoint -> health(endpoint).isWrong());
  }

  /** How each of them is. */
  List<NodeStanding> standings() {
    Instant now = clock.instant();
    return endpoints.stream()
        .map(
            endpoint ->
                new NodeStanding(
                    endpoint.toString(),
                    health(endpoint).isUsable(now),
                    endpoint.tally.requests(),
                    endpoint.tally.time(),
                    endpoint.tally.faults()))
        .toList();
  }

  private void verify(Endpoint endpoint) throws IOException {
    if (health(endpoint).verified()) {
      return;
    }
    long chain = endpoint.node.chainId();
    if (chain != domain.chainId()) {
      throw EndpointException.wrong("it is chain %d, not %d".formatted(chain, domain.chainId()));
    }
    Optional<ContractCode.Bounds> found = code.recognise(endpoint.node.code(), domain);
    if (found.isEmpty()) {
      throw EndpointException.wrong(
          "there is no contract of Sluice's at %s on it".formatted(domain.contract()));
    }
    bounds = found;
    put(endpoint, health(endpoint).found());
  }

  /** The newest block; of several nodes the one that is not behind. */
  Block latest() throws IOException {
    Block head =
        ask(
            node -> {
              Block latest = node.latest();
              if (EndpointHealth.isBehind(latest.number(), highest.get(), TOLERANCE)) {
                throw EndpointException.behind(
                    "it is at block %d, others at %d".formatted(latest.number(), highest.get()));
              }
              return latest;
            });
    raise(head.number());
    if (endpoints.size() > 1 && isStale(head)) {
      askAllForTheirHeight();
      if (EndpointHealth.isBehind(head.number(), highest.get(), TOLERANCE)) {
        return latest();
      }
    }
    return head;
  }

  /** A chain may stand still, or only this node: the others know. */
  private boolean isStale(Block head) {
    return head.time().plus(staleAfter).isBefore(clock.instant());
  }

  private void askAllForTheirHeight() throws IOException {
    for (Endpoint endpoint : endpoints) {
      if (health(endpoint).isUsable(clock.instant())) {
        try {
          verify(endpoint);
          raise(endpoint.node.latest().number());
        } catch (EndpointException e) {
          putAside(endpoint, e);
        } catch (RpcErrorException e) {
          endpoint.tally.failed(NodeFault.ERROR);
          LOG.debug("{} does not tell its height: {}", endpoint, e.toString());
        }
      }
    }
  }

  private void raise(long height) {
    long unused = highest.accumulateAndGet(height, Math::max);
  }

  private void putAside(Endpoint endpoint, EndpointException fault) {
    endpoint.tally.failed(fault.fault);
    Instant now = clock.instant();
    EndpointHealth after = health(endpoint).failed(fault, now);
    put(endpoint, after);
    LOG.warn("{} is not asked until {}: {}", endpoint, after.asideUntil(), fault.getMessage());
  }

  private synchronized EndpointHealth health(Endpoint endpoint) {
    return endpoint.health;
  }

  private synchronized void put(Endpoint endpoint, EndpointHealth health) {
    endpoint.health = health;
  }

  private String causes() {
    StringBuilder text = new StringBuilder();
    for (Endpoint endpoint : endpoints) {
      text.append(text.isEmpty() ? "" : "; ")
          .append(endpoint)
          .append(": ")
          .append(health(endpoint).cause());
    }
    return text.toString();
  }
}
