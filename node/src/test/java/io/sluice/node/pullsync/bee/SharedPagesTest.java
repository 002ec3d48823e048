package io.sluice.node.pullsync.bee;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.pullsync.bee.SharedPages.PageTicket;
import io.sluice.protocol.pullsync.bee.BeeVersion;
import io.sluice.protocol.pullsync.bee.ChunkId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Time is turned by hand, and what a page has is what the test says. */
class SharedPagesTest {
  private static final PageRequest LIVE = new PageRequest(BeeVersion.V1_4, 3, 1, Long.MAX_VALUE);

  private final HandDelays delays = new HandDelays();
  private PageView now = new PageView(0, List.of(), false);
  private int looks;
  private final SharedPages pages =
      new SharedPages(
          request -> {
            looks++;
            return now;
          },
          delays);

  /** Tasks wait until the test runs them. */
  private static final class HandDelays implements Delays {
    private final List<Later> tasks = new ArrayList<>();

    private record Later(Duration due, Runnable task) {}

    @Override
    public Pending after(Duration wait, Runnable task) {
      Later later = new Later(wait, task);
      tasks.add(later);
      return () -> tasks.remove(later);
    }

    private void pass(Duration time) {
      List<Later> due = tasks.stream().filter(each -> each.due().compareTo(time) <= 0).toList();
      tasks.removeAll(due);
      due.forEach(each -> each.task().run());
    }
  }

  private static PageView view(int chunks, boolean isFinal) {
    List<ChunkId> ids = new ArrayList<>();
    for (int i = 0; i < chunks; i++) {
      ids.add(new ChunkId(BeeContent.OVERLAY, BeeContent.BATCH.id(), BeeContent.OVERLAY));
    }
    return new PageView(chunks, ids, isFinal);
  }

  private void comes(int chunks, boolean isFinal) {
    now = view(chunks, isFinal);
    pages.stored(3);
  }

  @Test
  void givenNothing_thenItIsWaitedForWithoutEnd() throws Exception {
    PageTicket ticket = pages.join(LIVE);
    delays.pass(Duration.ofDays(1));
    assertFalse(ticket.page().isDone());
    comes(1, false);
    assertFalse(ticket.page().isDone());
    delays.pass(Duration.ofSeconds(1));
    assertEquals(view(1, false), ticket.page().get());
    assertEquals(0, pages.count());
  }

  @Test
  void givenMoreComes_thenTheWaitBeginsAnew() {
    PageTicket ticket = pages.join(LIVE);
    comes(1, false);
    comes(2, false);
    assertEquals(1, delays.tasks.size());
    pages.stored(3); // of which this page has nothing
    assertEquals(1, delays.tasks.size());
    comes(250, true);
    assertTrue(ticket.page().isDone());
    assertEquals(0, delays.tasks.size());
  }

  @Test
  void givenEqualRequests_thenOneLook() throws Exception {
    List<PageTicket> tickets = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      tickets.add(pages.join(LIVE));
    }
    assertEquals(1, looks);
    comes(250, true);
    assertEquals(2, looks);
    for (PageTicket ticket : tickets) {
      assertEquals(250, ticket.page().get().topmost());
      ticket.close();
    }
    assertEquals(0, pages.count());
  }

  @Test
  void givenOneOfTwoLeaves_thenTheOtherWaitsOn() {
    PageTicket one = pages.join(LIVE);
    PageTicket other = pages.join(LIVE);
    one.close();
    assertEquals(1, pages.count());
    assertFalse(other.page().isDone());
    comes(1, false);
    other.close();
    assertEquals(0, pages.count());
    assertEquals(0, delays.tasks.size());
  }

  @Test
  void givenOtherBin_thenNoLook() {
    var unused = pages.join(LIVE);
    pages.stored(4);
    assertEquals(1, looks);
  }
}
