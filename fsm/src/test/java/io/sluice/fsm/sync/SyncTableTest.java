package io.sluice.fsm.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.EventType;
import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.engine.TableContract;
import io.sluice.fsm.sync.SyncInput.DonePage;
import io.sluice.fsm.sync.SyncInput.NewNumbering;
import io.sluice.fsm.sync.SyncInput.UpTo;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.pullsync.Lane;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SyncTableTest extends TableContract<SyncState, NeighbourSync, SyncInput> {
  private static final Cid CID =
      Cid.parse("bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq");
  private static final Instant NOW = Instant.ofEpochMilli(1_800_000_000_000L);
  private static final NeighbourSync NEW =
      NeighbourSync.of(
          new NeighbourSync.Order(
              "other-room",
              PeerId.parse("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN"),
              List.of(Multiaddr.parse("/ip4/192.0.2.1/tcp/4150")),
              new Lane(Optional.of(CID)),
              true,
              false,
              Optional.of(
                  new NeighbourSync.PurchaseLimits(
                      Optional.empty(), TokenAmount.of(7), TokenAmount.of(900))),
              NOW),
          12);

  private static OpenNumber open(long number) {
    return new OpenNumber(number, CID, false, "gone", 1, NOW.plusSeconds(1));
  }

  private static DonePage page(long from, long to, OpenNumber... open) {
    return new DonePage(from, to, List.of(open), 3, 300, 90, Optional.empty(), Optional.empty());
  }

  @Override
  protected TransitionTable<SyncState, NeighbourSync, SyncInput> table() {
    return SyncTable.TABLE;
  }

  @Override
  protected NeighbourSync data(SyncState state) {
    return NEW.numberedAnew(new NewNumbering(-77, 80, 6)).pageDone(page(3, 50, open(7), open(9)));
  }

  @Override
  protected SyncInput input(EventType<?> event, Random random) {
    long number = 1L + random.nextInt(100);
    if (event == SyncEvent.PAGE_DONE) {
      return new DonePage(
          number,
          number + 5,
          List.of(open(number + 2)),
          random.nextInt(7),
          random.nextInt(7000),
          random.nextInt(200),
          random.nextBoolean() ? Optional.of(NOW) : Optional.empty(),
          random.nextBoolean() ? Optional.of(number) : Optional.empty());
    }
    if (event == SyncEvent.EPOCH_CHANGED) {
      return new NewNumbering(random.nextLong(), number, 6);
    }
    return event == SyncEvent.SET_BACK ? new UpTo(number) : SyncInput.none();
  }

  @Override
  protected Page page() {
    return new Page(
        "pullsync-states.md",
        "States of a sync with a neighbour",
        """
        The machine of one sync with a neighbour, at the node that pulls. Which numbers of the neighbour
        are done, and which of them are to be tried again, are data of it, recorded once what they stand
        for is durable. Which blocks are here is what the block store says.
        """);
  }

  @Test
  void givenPages_thenDoneButForWhatIsToBeTriedAgain() {
    NeighbourSync some = NEW.pageDone(page(1, 20, open(4), open(5))).pageDone(page(31, 40));

    assertEquals(Intervals.parse("1;1,3;6,k;v,14"), some.done());
    assertEquals(List.of(open(4), open(5)), some.open());
    assertEquals(Intervals.NONE.with(1, 20).with(31, 40), some.seen());
    assertEquals(90 - 28, some.behind());
    assertEquals(6, some.blocks());
    assertEquals(600, some.bytes());

    NeighbourSync healed = some.pageDone(page(4, 4));
    assertEquals(List.of(open(5)), healed.open());
    assertEquals(90 - 29, healed.behind());
    NeighbourSync again =
        healed.pageDone(page(5, 5, new OpenNumber(5, CID, false, "gone", 2, NOW)));
    assertEquals(2, again.open().getFirst().attempts());
  }

  @Test
  void givenNewNumbering_thenNothingIsDone() {
    NeighbourSync anew =
        NEW.pageDone(page(1, 20, open(4))).numberedAnew(new NewNumbering(-5, 17, 6));

    assertEquals(Intervals.NONE, anew.done());
    assertTrue(anew.open().isEmpty());
    assertEquals(17, anew.behind());
    assertEquals(3, anew.blocks());
    assertEquals(12, anew.unclaimed());
    assertEquals(
        1, anew.numberedAnew(new NewNumbering(-5, 17, 7)).unclaimed(), "its numbers are void, too");
  }

  @Test
  void givenSetBack_thenLookedThroughAgainUpToThere() {
    NeighbourSync back = NEW.pageDone(page(1, 20, open(4))).setBack(new UpTo(10));

    assertEquals(Intervals.NONE.with(11, 20), back.done());
    assertEquals(List.of(open(4)), back.open());
  }

  @Test
  void givenOpenNumberOutsideItsPage_thenNoSuchPage() {
    assertThrows(IllegalArgumentException.class, () -> page(1, 20, open(21)));
  }
}
