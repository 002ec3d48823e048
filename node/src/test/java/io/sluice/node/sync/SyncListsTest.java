package io.sluice.node.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SyncListsTest {
  private static final List<Cid> FIVE = cids("five");
  private static final List<Cid> ONE = cids("one");

  private static List<Cid> cids(String dag) {
    return MemorySyncHome.dag(dag).stream().map(Block::cid).toList();
  }

  private interface Call {
    void ask() throws SyncRefusal;
  }

  private static boolean refuses(Call call) {
    try {
      call.ask();
      return false;
    } catch (SyncRefusal e) {
      return true;
    }
  }

  /** What is refused to a caller about a DAG, by the first letters of the hooks. */
  private static String refused(SyncLists lists, String name, List<Cid> dag) {
    SyncCaller who = new SyncCaller(name, true, true, true, OptionalLong.empty());
    Info info = Info.of(new Manifest(dag, List.of()));
    Map<String, Call> calls =
        Map.of(
            "begins", () -> lists.pushBegins(who, info, Map.of()),
            "arrived", () -> lists.pushArrived(who, info, Map.of()),
            "info", () -> lists.infoAsked(who, info, Map.of()),
            "block", () -> lists.blockAsked(who, dag.getFirst()),
            "blocks", () -> lists.blocksAsked(who, info, Map.of()),
            "removal", () -> lists.removalAsked(who, dag.getFirst(), Map.of()));
    Set<String> no = new TreeSet<>();
    calls.forEach((hook, call) -> no.addAll(refuses(call) ? Set.of(hook) : Set.of()));
    return String.join(" ", no);
  }

  private static final String ALL = "arrived begins block blocks info removal";

  @Test
  void givenNoLists_thenNothingIsRefused() {
    SyncLists lists = new SyncLists(Set.of(), Set.of(), Set.of(), Set.of());
    assertEquals("", refused(lists, "a", FIVE));
  }

  @Test
  void givenCallers_thenAllOrNothing() {
    SyncLists allowed = new SyncLists(Set.of("a", "b"), Set.of("b"), Set.of(), Set.of());
    assertEquals("", refused(allowed, "a", FIVE));
    assertEquals(ALL, refused(allowed, "b", FIVE));
    assertEquals(ALL, refused(allowed, "c", FIVE));
  }

  /** Of what only stands on no list, blocks are read by whom they are free for. */
  @Test
  void givenRoots_thenPushesListsAndRemovalsOfOthersAreRefused() {
    SyncLists allowed = new SyncLists(Set.of(), Set.of(), Set.of(FIVE.getFirst()), Set.of());
    assertEquals("", refused(allowed, "a", FIVE));
    assertEquals("arrived begins info removal", refused(allowed, "a", ONE));
  }

  @Test
  void givenDeniedRoots_thenTheyAreNotReadEither_notEvenAmongOthers() {
    SyncLists denied = new SyncLists(Set.of(), Set.of(), Set.of(), Set.of(FIVE.get(2)));
    assertEquals("blocks", refused(denied, "a", FIVE));
    assertEquals(ALL, refused(denied, "a", FIVE.subList(2, 3)));
  }
}
