package io.sluice.cli.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** When vouchers were wanted and when each was answered, noted by the one thread that waits. */
final class AnsweredVouchers {
  private record Answered(long wantedNanos, long answeredNanos) {}

  private final List<Answered> answered = new ArrayList<>();

  void note(long wantedNanos, long answeredNanos) {
    answered.add(new Answered(wantedNanos, answeredNanos));
  }

  int count() {
    return answered.size();
  }

  /** Those of all clients in the order in which they were wanted; asked for when all have ended. */
  static DealTimes together(Collection<AnsweredVouchers> clients) {
    List<Answered> all =
        clients.stream()
            .flatMap(client -> client.answered.stream())
            .sorted(Comparator.comparingLong(Answered::wantedNanos))
            .toList();
    DealTimes times = new DealTimes(all.size());
    for (int i = 0; i < all.size(); i++) {
      times.note(i, all.get(i).wantedNanos(), all.get(i).answeredNanos());
    }
    return times;
  }
}
