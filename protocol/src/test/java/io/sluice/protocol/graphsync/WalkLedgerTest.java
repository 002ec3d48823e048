package io.sluice.protocol.graphsync;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.CidSet;
import io.sluice.protocol.multiformats.Multihash;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WalkLedgerTest {

  private static final int RAW = 0x55;
  private static final int DAG_PB = 0x70;

  @Test
  void givenRepeatedBlock_whenVisitedAgain_thenFree() {
    WalkLedger ledger = new WalkLedger(Exclusions.NONE);

    assertEquals(10, ledger.wouldCharge(cid(1), 10));
    assertEquals(10, ledger.visit(cid(1), 10));
    assertEquals(0, ledger.wouldCharge(cid(1), 10));
    assertEquals(0, ledger.visit(cid(1), 10));

    assertEquals(10, ledger.charged());
    assertEquals(2, ledger.visits());
    assertEquals(1, ledger.chargedBlocks());
  }

  @Test
  void givenSkipCount_whenAFirstBlockComesAgainLater_thenStillFree() {
    WalkLedger ledger = new WalkLedger(new Exclusions(2, List.of()));

    ledger.visit(cid(1), 10);
    ledger.missing(); // counts as a visit
    ledger.visit(cid(2), 20);
    ledger.visit(cid(1), 10);

    assertEquals(20, ledger.charged());
  }

  @Test
  void givenIgnoredIdentityAndEmptyBlocks_whenVisited_thenFree() {
    WalkLedger ledger = new WalkLedger(new Exclusions(0, List.of(cid(1))));

    ledger.visit(cid(1), 10);
    ledger.visit(Cid.v1(RAW, Multihash.of(0, new byte[] {1, 2, 3})), 3);
    ledger.visit(cid(2), 0);

    assertEquals(0, ledger.charged());
    assertEquals(3, ledger.visits());
  }

  @Test
  void givenMissingBlock_whenFoundLater_thenChargedThere() {
    WalkLedger ledger = new WalkLedger(Exclusions.NONE);

    ledger.missing();

    assertEquals(7, ledger.visit(cid(1), 7));
  }

  @Test
  void givenSameBytesUnderTwoCodecs_whenVisited_thenBothCharged() {
    WalkLedger ledger = new WalkLedger(Exclusions.NONE);
    Multihash hash = cid(1).hash();

    ledger.visit(Cid.v1(RAW, hash), 5);
    ledger.visit(Cid.v1(DAG_PB, hash), 5);
    ledger.visit(Cid.v0(hash), 5);

    assertEquals(15, ledger.charged());
  }

  @Test
  void givenRandomWalks_whenCountedNaively_thenTheSame() {
    long seed = Long.getLong("sluice.seed", 77L);
    Random random = new Random(seed);
    for (int round = 0; round < 20; round++) {
      long skip = random.nextInt(50);
      List<Cid> ignored = new ArrayList<>();
      for (int i = random.nextInt(30); i > 0; i--) {
        ignored.add(cid(random.nextInt(500)));
      }
      WalkLedger ledger = new WalkLedger(new Exclusions(skip, ignored));
      Set<Cid> passed = new HashSet<>(ignored);
      long charged = 0;
      for (int visit = 1; visit <= 2000; visit++) {
        int number = random.nextInt(500);
        if (random.nextInt(20) == 0) {
          ledger.missing();
          continue;
        }
        if (passed.add(cid(number)) && visit > skip) {
          charged += number;
        }
        ledger.visit(cid(number), number);
        assertEquals(charged, ledger.charged(), "seed " + seed);
      }
    }
  }

  @Test
  void givenManyCids_whenAdded_thenAllAreFoundAndNoOther() {
    CidSet set = new CidSet();

    for (int i = 0; i < 100_000; i++) {
      assertTrue(set.add(synthetic(i)));
    }

    assertEquals(100_000, set.size());
    for (int i = 0; i < 100_000; i++) {
      assertFalse(set.add(synthetic(i)));
      assertFalse(set.contains(synthetic(-1 - i)));
    }
  }

  private static Cid synthetic(int number) {
    byte[] digest = new byte[32];
    ByteBuffer.wrap(digest).putInt(28, number).putLong(0, number * 0x9e3779b97f4a7c15L);
    return Cid.v1(RAW, Multihash.of(0x12, digest));
  }

  private static Cid cid(int number) {
    return Cid.v1(RAW, Multihash.sha2_256(ByteBuffer.allocate(4).putInt(0, number)));
  }
}
