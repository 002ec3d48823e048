package io.sluice.payments;

import java.time.Instant;
import java.util.Optional;

/**
 * When something will be done by itself, as things stand.
 *
 * @param at empty if something else has to change first
 * @param reason why then, or what it waits for
 */
public record Forecast(Optional<Instant> at, String reason) {
  /** It will be done then. */
  public static Forecast at(Instant at, String reason) {
    return new Forecast(Optional.of(at), reason);
  }

  /** It waits for something else. */
  public static Forecast waits(String reason) {
    return new Forecast(Optional.empty(), reason);
  }
}
