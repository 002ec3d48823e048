package io.sluice.node.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.fsm.DealOutcome;
import io.sluice.node.client.ClientMetrics;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Locale;
import java.util.Optional;

/** Counts what a client does, since the node was started. */
final class ClientCounters implements ClientMetrics {
  private static final String ROLE = "client";

  private final MeterRegistry registry;
  private final Counter retries;
  private final Counter received;

  ClientCounters(MeterRegistry registry) {
    this.registry = registry;
    this.retries = Metric.DEALS_RESTARTED.in(registry, ROLE);
    this.received = Metric.RECEIVED.in(registry);
  }

  @Override
  public void started(boolean paid) {
    Metric.DEALS_STARTED.in(registry, ROLE, Boolean.toString(paid)).increment();
  }

  @Override
  public void ended(DealOutcome outcome, Optional<DealCode> reason) {
    Metric.DEALS_ENDED.in(registry, ROLE, outcome.name().toLowerCase(Locale.ROOT)).increment();
    reason.ifPresent(code -> Metric.DEALS_FAILED.in(registry, code.name()).increment());
  }

  @Override
  public void refused(String code) {
    Metric.REFUSALS.in(registry, ROLE, code).increment();
  }

  @Override
  public void mended(String code) {
    Metric.REFUSALS_MENDED.in(registry, code).increment();
  }

  @Override
  public void retried() {
    retries.increment();
  }

  @Override
  public void received(long bytes) {
    received.increment((double) bytes);
  }

  @Override
  public void paid(EvmAddress token, TokenAmount more) {
    Metric.SIGNED.in(registry, token.toString()).increment(more.value().doubleValue());
  }
}
