package io.sluice.node;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.fsm.provider.ProviderState;
import io.sluice.node.provider.ProviderMetrics;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Locale;

/** Counts what a provider does, since the node was started. */
final class ProviderCounters implements ProviderMetrics {
  private static final String ROLE = "role";
  private static final String PROVIDER = "provider";

  private final MeterRegistry registry;
  private final Counter restarted;
  private final Counter sent;
  private final Counter credited;

  ProviderCounters(MeterRegistry registry) {
    this.registry = registry;
    this.restarted =
        counter("sluice.deals.restarted", "Deals that went on with a new transfer", ROLE, PROVIDER);
    this.sent = counter("sluice.sent.bytes", "Bytes of blocks written to clients, repeats too");
    this.credited = counter("sluice.credited", "Credit that vouchers brought, smallest units");
  }

  /** The one of that name and labels, which is made if it is new. */
  private Counter counter(String name, String what, String... labels) {
    return Counter.builder(name).description(what).tags(labels).register(registry);
  }

  private static String label(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public void asked(String protocol) {
    counter("sluice.questions", "Questions about content that were answered", "protocol", protocol)
        .increment();
  }

  @Override
  public void refused(String code) {
    counter(
            "sluice.refusals",
            "Proposals, restarts, payments and questions refused",
            ROLE,
            PROVIDER,
            "reason",
            code)
        .increment();
  }

  @Override
  public void started(boolean paid) {
    counter(
            "sluice.deals.started",
            "Deals that were admitted",
            ROLE,
            PROVIDER,
            "paid",
            Boolean.toString(paid))
        .increment();
  }

  @Override
  public void restarted() {
    restarted.increment();
  }

  @Override
  public void ended(ProviderState state) {
    counter(
            "sluice.deals.ended",
            "Deals that ended, or came to rest unpaid",
            ROLE,
            PROVIDER,
            "state",
            label(state))
        .increment();
  }

  @Override
  public void served(long bytes) {
    sent.increment((double) bytes);
  }

  @Override
  public void gateClosed(String reason) {
    counter("sluice.gate.closings", "Transfers that had to wait", "reason", reason).increment();
  }

  @Override
  public void voucher(boolean news) {
    counter(
            "sluice.vouchers",
            "Authentic vouchers looked at; news are better than all before",
            "news",
            Boolean.toString(news))
        .increment();
  }

  @Override
  public void earned(TokenAmount more) {
    credited.increment(more.value().doubleValue());
  }
}
