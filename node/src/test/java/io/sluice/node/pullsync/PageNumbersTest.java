package io.sluice.node.pullsync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.sync.Intervals;
import io.sluice.fsm.sync.NeighbourSync;
import io.sluice.fsm.sync.OpenNumber;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.pullsync.Item;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Which numbers of a page are done, and which are tried again. */
class PageNumbersTest {
  private static final Instant NOW = Instant.ofEpochMilli(1_800_000_000_000L);
  private static final Item.Listing LISTING = new Item.Listing(5, 4);
  private static final Cid ELSEWHERE =
      Cid.parse("bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq");

  private final MemoryPullHome home = new MemoryPullHome(6);
  private final Cid root = home.bringIn(2, new Random(1));

  private PageNumbers page(NeighbourSync sync, long from) {
    return new PageNumbers(
        home, PullPlan.STANDARD, Clock.fixed(NOW, ZoneOffset.UTC), new Random(1), sync, from);
  }

  private static Item block(long number) {
    return new Item(number, ELSEWHERE, new Item.OfferedBlock(100));
  }

  private static Item listed(long number, Cid cid) {
    return new Item(number, cid, new Item.ListedRoot(LISTING, false, "some"));
  }

  @Test
  void givenBlockThatDidNotCome_thenAllButItIsDone() {
    PageNumbers page = page(PullPlanTest.sync("1"), 1);

    page.missed(block(3), "gone", Duration.ZERO);

    assertEquals(Intervals.parse("1").with(1, 5).without(3, 3), page.done(5));
    OpenNumber open = page.open().getFirst();
    assertEquals(List.of(open), page.open());
    assertEquals(3, open.number());
    assertEquals("gone", open.reason());
    assertEquals(1, open.attempts());
    assertFalse(open.root());
    assertTrue(open.next().isAfter(NOW), () -> "next " + open.next());
  }

  @Test
  void givenNumberThatFailedBefore_thenItsAttemptsAreCounted() {
    OpenNumber before = new OpenNumber(3, ELSEWHERE, false, "gone", 4, NOW);
    PageNumbers page = page(PullPlanTest.sync("1;1,2", before), 3);

    page.missed(block(3), "gone", Duration.ofMinutes(4));

    assertEquals(5, page.open().getFirst().attempts());
    assertEquals(NOW.plus(Duration.ofMinutes(4)), page.open().getFirst().next());
  }

  @Test
  void givenRootThatIsWhole_thenListed() throws IOException {
    home.remove(root);
    PageNumbers page = page(PullPlanTest.sync("1"), 1);

    assertTrue(page.takeRoot(listed(4, root)));

    assertEquals(Set.of(root.toString()), home.roots());
    assertEquals(List.of(), page.open());
    assertFalse(page.takeRoot(block(5)));
  }

  @Test
  void givenRootWithSomethingMissing_thenTriedAgain() throws IOException {
    PageNumbers page = page(PullPlanTest.sync("1"), 1);

    assertFalse(page.takeRoot(listed(4, ELSEWHERE)));

    OpenNumber open = page.open().getFirst();
    assertTrue(open.root());
    assertEquals("blocks beneath it are missing", open.reason());
    assertTrue(open.next().isAfter(NOW), () -> "next " + open.next());
  }

  @Test
  void givenRootWithAHoleBeforeThePage_thenNotLookedAt_andNoAttempt() throws IOException {
    home.remove(root);
    PageNumbers page = page(PullPlanTest.sync("1;1,2"), 4);

    assertFalse(page.takeRoot(listed(4, root)));

    assertEquals(
        List.of(new OpenNumber(4, root, true, "what came before it is not here", 1, NOW)),
        page.open());
    assertEquals(Set.of(), home.roots());
  }

  @Test
  void givenListingThatEnded_thenDone_andNothingIsListed() throws IOException {
    PageNumbers page = page(PullPlanTest.sync("1"), 1);
    assertTrue(page.takeRoot(listed(4, root)));
    assertTrue(page.takeRoot(new Item(5, root, new Item.RemovedRoot(List.of(LISTING)))));

    assertFalse(page.takeRoot(listed(6, root)));

    assertEquals(List.of(), page.open());
  }
}
