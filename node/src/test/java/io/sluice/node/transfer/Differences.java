package io.sluice.node.transfer;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Where our end departs from the recorded one, on purpose.
 *
 * @param reason why
 * @param unsaid beginnings of what the recorded end said and ours does not, in their order
 * @param added beginnings of what ours may say beside that, each once
 * @param statuses what our channel goes through; empty for the recorded statuses
 */
record Differences(String reason, List<String> unsaid, List<String> added, List<String> statuses) {
  private static final Differences NONE = new Differences("", List.of(), List.of(), List.of());

  /** By recording, slash, and our end. */
  private static final Map<String, Differences> ALL =
      Map.of(
          "pull-missing-root/initiator",
          words("a request that its responder has ended is not cancelled").not("c"),
          "pull-pay-refused/responder",
          words("what GraphSync still does for a refused channel is ended").plus("CANCELLED"),
          "pull-pause-initiator/initiator",
          words("a paused initiator drops what still comes, and waits, where Go fails")
              .through("REQUESTED", "AWAITING_ACCEPTANCE", "ONGOING", "RESPONDER_COMPLETED"),
          "pull-pause-initiator/responder",
          words("nothing is resumed inside GraphSync while the initiator is paused: Go would fail")
              .not("[1.1] Rs VOUCHER_RESULT", "PRESENT", "PRESENT", "PRESENT", "COMPLETED")
              .not("Rs COMPLETE")
              .through("REQUESTED", "QUEUED", "ONGOING"),
          "pull-restart-initiator/initiator",
          words("a request that the cut has ended is not cancelled").not("c"),
          "pull-restart-responder/initiator",
          words("a request that the cut has ended is not cancelled").not("c"),
          "push-limit-voucher/responder",
          words(
                  "a voucher is answered, and a restart asked for: what was on its way does not"
                      + " count")
              .not("c", "Rs COMPLETE")
              .plus("c", "Rs VOUCHER_RESULT A p", "Rq RESTART_EXISTING")
              .through("REQUESTED", "QUEUED", "ONGOING"), // a recorded peer cannot follow that
          "push-limit-cancel/responder",
          words("one cancel is enough, and none is needed once the sender has ended")
              .not("c", "c")
              .plus("c"),
          "push-restart-initiator/responder",
          words("a request that was cancelled before the cut is not cancelled again")
              .not("c", "c")
              .plus("c"));

  static Differences of(String name, boolean initiator) {
    return ALL.getOrDefault(name + (initiator ? "/initiator" : "/responder"), NONE);
  }

  private static Differences words(String reason) {
    return new Differences(reason, List.of(), List.of(), List.of());
  }

  private Differences not(String... words) {
    return new Differences(
        reason, Stream.concat(unsaid.stream(), Arrays.stream(words)).toList(), added, statuses);
  }

  private Differences plus(String... words) {
    return new Differences(reason, unsaid, List.of(words), statuses);
  }

  private Differences through(String... names) {
    return new Differences(reason, unsaid, added, List.of(names));
  }
}
