package io.sluice.protocol.graphsync;

import java.util.HashMap;
import java.util.Map;

/**
 * The numbers that our own requests have in protocol 1.0.0. They count from 0 for the life of the
 * process; a number is kept while its request lives. Thread-safe.
 */
class RequestNumbers {

  private final Map<RequestId, Integer> numbers = new HashMap<>();
  private final Map<Integer, RequestId> ids = new HashMap<>();
  private int next;

  synchronized int numberOf(RequestId id) {
    return numbers.computeIfAbsent(
        id,
        ignored -> {
          int number = next++;
          ids.put(number, id);
          return number;
        });
  }

  /** The request that a peer's answer is for. An id that nobody has, if the number is unknown. */
  synchronized RequestId idOf(int number) {
    RequestId id = ids.get(number);
    return id == null ? RequestId.ofNumber(number) : id;
  }

  synchronized void forget(RequestId id) {
    Integer number = numbers.remove(id);
    if (number != null) {
      ids.remove(number);
    }
  }
}
