package io.sluice.payments.ledger.evm;

import java.util.ArrayList;
import java.util.List;

/**
 * What may be believed of something that several endpoints were asked, where one's word is not
 * enough. Spec: PAYMENT CHANNELS, 8.6.
 *
 * @param <T> what was asked for, with what tells its chain from another
 */
sealed interface Agreement<T> {
  /** So many have to say the same. */
  int NEEDED = 2;

  /** What an endpoint said. */
  record Testimony<T>(Endpoint endpoint, T facts) {}

  /** Enough say that; those who said something else are not to be trusted. */
  record Agreed<T>(T facts, List<Endpoint> outvoted) implements Agreement<T> {}

  /** They contradict each other, and nobody knows who is right. */
  record Disputed<T>(List<Testimony<T>> said) implements Agreement<T> {}

  /** Too few said anything. */
  record TooFew<T>() implements Agreement<T> {}

  /** What follows from that, in the order in which it was said; of each endpoint one word. */
  static <T> Agreement<T> of(List<Testimony<T>> said) {
    for (Testimony<T> one : said) {
      List<Endpoint> others = new ArrayList<>();
      int same = 0;
      for (Testimony<T> other : said) {
        if (other.facts().equals(one.facts())) {
          same++;
        } else {
          others.add(other.endpoint());
        }
      }
      if (same >= NEEDED) {
        return new Agreed<>(one.facts(), List.copyOf(others));
      }
    }
    return said.size() < NEEDED ? new TooFew<>() : new Disputed<>(List.copyOf(said));
  }
}
