package io.sluice.node.client;

import io.sluice.fsm.DealOutcome;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** Metrics that a test can read. */
final class Tally implements ClientMetrics {
  private final Map<String, Long> counts = new ConcurrentHashMap<>();
  private final AtomicReference<TokenAmount> paid = new AtomicReference<>(TokenAmount.ZERO);

  private void count(String what, long more) {
    counts.merge(what, more, Long::sum);
  }

  private long of(String what) {
    return counts.getOrDefault(what, 0L);
  }

  long endings(DealOutcome outcome, String reason) {
    return of("ended " + outcome + " " + reason);
  }

  long refusals(String code) {
    return of("refused " + code);
  }

  long mends(String code) {
    return of("mended " + code);
  }

  long started() {
    return of("started");
  }

  long retries() {
    return of("retried");
  }

  long received() {
    return of("received");
  }

  TokenAmount paid() {
    return paid.get();
  }

  @Override
  public void started(boolean paid) {
    count("started", 1);
  }

  @Override
  public void ended(DealOutcome outcome, Optional<DealCode> reason) {
    count("ended " + outcome + " " + reason.map(Enum::name).orElse(""), 1);
  }

  @Override
  public void refused(String code) {
    count("refused " + code, 1);
  }

  @Override
  public void mended(String code) {
    count("mended " + code, 1);
  }

  @Override
  public void retried() {
    count("retried", 1);
  }

  @Override
  public void received(long bytes) {
    count("received", bytes);
  }

  @Override
  public void paid(EvmAddress token, TokenAmount more) {
    paid.updateAndGet(more::plus);
  }
}
