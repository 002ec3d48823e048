package io.sluice.node.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.node.provider.ProviderMetrics;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.util.Locale;

/** Counts what a provider does, since the node was started. */
final class ProviderCounters implements ProviderMetrics {
  private static final String ROLE = "provider";

  private final MeterRegistry registry;
  private final Counter restarted;
  private final Counter sent;
  private final Counter waits;

  ProviderCounters(MeterRegistry registry) {
    this.registry = registry;
    this.restarted = Metric.DEALS_RESTARTED.in(registry, ROLE);
    this.sent = Metric.SENT.in(registry);
    this.waits = Metric.GATE_WAITS.in(registry);
  }

  @Override
  public void asked(String protocol) {
    Metric.QUESTIONS.in(registry, protocol).increment();
  }

  @Override
  public void refused(String code) {
    Metric.REFUSALS.in(registry, ROLE, code).increment();
  }

  @Override
  public void started(boolean paid) {
    Metric.DEALS_STARTED.in(registry, ROLE, Boolean.toString(paid)).increment();
  }

  @Override
  public void restarted() {
    restarted.increment();
  }

  @Override
  public void ended(String state) {
    Metric.DEALS_ENDED.in(registry, ROLE, state.toLowerCase(Locale.ROOT)).increment();
  }

  @Override
  public void served(long bytes) {
    sent.increment((double) bytes);
  }

  @Override
  public void gateClosed(String reason) {
    Metric.GATE_CLOSINGS.in(registry, reason).increment();
  }

  @Override
  public void waited(Duration time) {
    waits.increment(time.toMillis() / 1e3);
  }

  @Override
  public void voucher(boolean news) {
    Metric.VOUCHERS.in(registry, Boolean.toString(news)).increment();
  }

  @Override
  public void earned(EvmAddress token, TokenAmount more) {
    Metric.CREDITED.in(registry, token.toString()).increment(more.value().doubleValue());
  }
}
