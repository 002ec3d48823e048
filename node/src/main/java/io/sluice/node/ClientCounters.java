package io.sluice.node;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.sluice.fsm.client.ClientState;
import io.sluice.node.client.ClientMetrics;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Locale;

/** Counts what a client does, since the node was started. */
final class ClientCounters implements ClientMetrics {
  private static final String ROLE = "role";
  private static final String CLIENT = "client";

  private final MeterRegistry registry;
  private final Counter retries;
  private final Counter received;
  private final Counter signed;

  ClientCounters(MeterRegistry registry) {
    this.registry = registry;
    this.retries =
        counter("sluice.deals.restarted", "Deals that went on with a new transfer", ROLE, CLIENT);
    this.received = counter("sluice.received.bytes", "Bytes of verified blocks from providers");
    this.signed = counter("sluice.signed", "What vouchers signed away, smallest units");
  }

  /** The one of that name and labels, which is made if it is new. */
  private Counter counter(String name, String what, String... labels) {
    return Counter.builder(name).description(what).tags(labels).register(registry);
  }

  @Override
  public void started(boolean paid) {
    counter(
            "sluice.deals.started",
            "Deals that were admitted",
            ROLE,
            CLIENT,
            "paid",
            Boolean.toString(paid))
        .increment();
  }

  @Override
  public void ended(ClientState state, String reason) {
    counter(
            "sluice.deals.ended",
            "Deals that ended, or came to rest unpaid",
            ROLE,
            CLIENT,
            "state",
            state.name().toLowerCase(Locale.ROOT))
        .increment();
    if (!reason.isEmpty()) {
      counter("sluice.deals.failed", "Deals that ended early, by reason", "reason", reason)
          .increment();
    }
  }

  @Override
  public void refused(String code) {
    counter(
            "sluice.refusals",
            "Proposals, restarts, payments and questions refused",
            ROLE,
            CLIENT,
            "reason",
            code)
        .increment();
  }

  @Override
  public void mended(String code) {
    counter("sluice.refusals.mended", "Refusals that another proposal met", "reason", code)
        .increment();
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
  public void paid(TokenAmount more) {
    signed.increment(more.value().doubleValue());
  }
}
