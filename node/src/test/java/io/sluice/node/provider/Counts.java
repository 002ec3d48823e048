package io.sluice.node.provider;

import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Metrics that a test can read. */
final class Counts implements ProviderMetrics {

  private final Map<String, Long> refusals = new ConcurrentHashMap<>();
  private final AtomicLong served = new AtomicLong();
  private final AtomicReference<TokenAmount> earned = new AtomicReference<>(TokenAmount.ZERO);

  /** The states that deals ended in, as users read them. */
  final List<String> ended = new CopyOnWriteArrayList<>();

  /** How long transfers waited, each time. */
  final List<Duration> waits = new CopyOnWriteArrayList<>();

  long refusals(String code) {
    return refusals.getOrDefault(code, 0L);
  }

  long served() {
    return served.get();
  }

  TokenAmount earned() {
    return earned.get();
  }

  @Override
  public void refused(String code) {
    refusals.merge(code, 1L, Long::sum);
  }

  @Override
  public void ended(String state) {
    ended.add(state);
  }

  @Override
  public void waited(Duration time) {
    waits.add(time);
  }

  @Override
  public void served(long bytes) {
    served.addAndGet(bytes);
  }

  @Override
  public void earned(EvmAddress token, TokenAmount more) {
    earned.updateAndGet(more::plus);
  }
}
