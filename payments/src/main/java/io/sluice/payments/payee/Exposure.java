package io.sluice.payments.payee;

import io.sluice.protocol.retrieval.EvmAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Bytes sent and not yet paid for, of all live deals: by payer, and in all. */
final class Exposure {
  private final ConcurrentHashMap<EvmAddress, AtomicLong> byPayer = new ConcurrentHashMap<>();
  private final AtomicLong total = new AtomicLong();

  void add(EvmAddress payer, long bytes) {
    if (bytes != 0) {
      byPayer.computeIfAbsent(payer, any -> new AtomicLong()).addAndGet(bytes);
      total.addAndGet(bytes);
    }
  }

  long of(EvmAddress payer) {
    AtomicLong bytes = byPayer.get(payer);
    return bytes == null ? 0 : bytes.get();
  }

  long total() {
    return total.get();
  }
}
