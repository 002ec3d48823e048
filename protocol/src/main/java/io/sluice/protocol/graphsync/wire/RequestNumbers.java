package io.sluice.protocol.graphsync.wire;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The numbers that our own requests have in protocol 1.0.0. They count from 0 for the life of the
 * process; the latest are remembered, many more than can be under way. Thread-safe.
 */
public class RequestNumbers {
  private static final int REMEMBERED = 1 << 16;

  private final Map<RequestId, Integer> numbers = new LinkedHashMap<>();
  private final Map<Integer, RequestId> ids = new HashMap<>();
  private int next;

  /** Numbers that begin at 0. */
  public RequestNumbers() {}

  synchronized int numberOf(RequestId id) {
    Integer known = numbers.get(id);
    if (known != null) {
      return known;
    }
    if (numbers.size() == REMEMBERED) {
      RequestId eldest = numbers.keySet().iterator().next();
      ids.remove(numbers.remove(eldest));
    }
    int number = next++;
    numbers.put(id, number);
    ids.put(number, id);
    return number;
  }

  /** The request that a peer's answer is for. An id that nobody has, if the number is unknown. */
  synchronized RequestId idOf(int number) {
    RequestId id = ids.get(number);
    return id == null ? RequestId.ofNumber(number) : id;
  }
}
