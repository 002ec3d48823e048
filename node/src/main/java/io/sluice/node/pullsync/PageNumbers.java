package io.sluice.node.pullsync;

import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.fsm.sync.Intervals;
import io.sluice.fsm.sync.NeighbourSync;
import io.sluice.fsm.sync.OpenNumber;
import io.sluice.protocol.pullsync.Item;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * What becomes of the numbers of one page: which are done, and which are to be tried again, since
 * their block did not come or their root is not whole. For one thread.
 */
final class PageNumbers {
  private final PullHome home;
  private final PullPlan plan;
  private final Clock clock;
  private final RandomGenerator random;
  private final NeighbourSync sync;
  private final long from;
  private final List<OpenNumber> open = new ArrayList<>();

  /**
   * The numbers of a page, none of them open yet.
   *
   * @param sync as it is before the page is recorded
   * @param from the first number that was asked for
   */
  PageNumbers(
      PullHome home,
      PullPlan plan,
      Clock clock,
      RandomGenerator random,
      NeighbourSync sync,
      long from) {
    this.home = home;
    this.plan = plan;
    this.clock = clock;
    this.random = random;
    this.sync = sync;
    this.from = from;
  }

  /**
   * A block did not come.
   *
   * @param asked how long the neighbour wants to be left alone with it
   */
  void missed(Item item, String reason, Duration asked) {
    open.add(again(item, false, reason, asked));
  }

  /**
   * Lists or drops a root, if the item is about one. The blocks of the page have to be durable: a
   * root that is listed says that all beneath it is here.
   *
   * @return whether what is listed here may be something else now
   */
  boolean takeRoot(Item item) throws IOException {
    return switch (item.what()) {
      case Item.OfferedBlock block -> false;
      case Item.ListedRoot root -> list(item, root);
      case Item.RemovedRoot removed -> {
        home.drop(
            item.cid(),
            removed.listings().stream().map(PageNumbers::tag).collect(Collectors.toSet()));
        yield true;
      }
    };
  }

  /** Those that are to be tried again. */
  List<OpenNumber> open() {
    return List.copyOf(open);
  }

  /** What is done of the sync with this page, up to {@code topmost}. */
  Intervals done(long topmost) {
    Set<Long> left = open.stream().map(OpenNumber::number).collect(Collectors.toSet());
    Intervals after = sync.done().with(from, topmost);
    // What failed is taken out one by one: a single bad number must not hold up a whole page.
    for (long number : left) {
      after = after.without(number, number);
    }
    return after;
  }

  /** Whether a root is listed here now; if it is not to be tried again, it is done all the same. */
  private boolean list(Item item, Item.ListedRoot root) throws IOException {
    Intervals before = sync.seen();
    if (item.number() > from) {
      before = before.with(from, item.number() - 1);
    }
    // Blocks lie before their root in the log. With a hole there, a walk would fail for want of
    // what is still to come, and count as an attempt.
    if (item.number() > 1 && before.firstHole(item.number() - 1).isPresent()) {
      // Not an attempt yet: it is looked at as soon as all before it was.
      open.add(
          new OpenNumber(
              item.number(), item.cid(), true, "what came before it is not here", 1, now()));
      return false;
    }
    PullHome.Adoption adopted =
        home.adopt(item.cid(), tag(root.listing()), root.offered(), root.name());
    if (adopted == PullHome.Adoption.INCOMPLETE) {
      open.add(again(item, true, "blocks beneath it are missing", Duration.ZERO));
    }
    return adopted == PullHome.Adoption.LISTED;
  }

  private static RootTag tag(Item.Listing listing) {
    return new RootTag(listing.epoch(), listing.number());
  }

  private OpenNumber again(Item item, boolean root, String reason, Duration asked) {
    // Attempts are counted across pages and restarts, so that pauses grow for what never comes.
    int attempts =
        1
            + sync.open().stream()
                .filter(each -> each.number() == item.number())
                .mapToInt(OpenNumber::attempts)
                .findFirst()
                .orElse(0);
    return new OpenNumber(
        item.number(),
        item.cid(),
        root,
        reason,
        attempts,
        plan.nextTry(attempts, asked, now(), random));
  }

  private Instant now() {
    return clock.instant();
  }
}
