package io.sluice.node.transfer;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Who decides about which type of opening voucher. Thread-safe. */
final class Validators {
  private final ConcurrentMap<String, TransferValidator> byType = new ConcurrentHashMap<>();

  void add(String type, TransferValidator validator) {
    if (byType.putIfAbsent(type, validator) != null) {
      throw new IllegalArgumentException("voucher type " + type + " has a validator already");
    }
  }

  Optional<TransferValidator> of(String type) {
    return Optional.ofNullable(byType.get(type));
  }

  Map<String, TransferValidator> all() {
    return Map.copyOf(byType);
  }
}
