package io.sluice.fsm.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.fsm.EventType;
import io.sluice.fsm.TransitionTable;
import io.sluice.fsm.engine.TableContract;
import io.sluice.protocol.multiformats.Cid;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class ReceiveTableTest extends TableContract<ReceiveState, ReceivedDag, ReceiveInput> {
  private static final ReceivedDag DAG =
      new ReceivedDag(
          "token-1",
          Optional.of(1L << 30),
          true,
          new TreeMap<>(Map.of("hello", "world")),
          List.of(
              Cid.parse("QmRRyHVRyJuGjeS6DP1x6rQqixLSixsh1AZGbTa6h86mGG"),
              Cid.parse("bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq")),
          Instant.ofEpochMilli(1_800_000_000_000L),
          0);

  @Override
  protected TransitionTable<ReceiveState, ReceivedDag, ReceiveInput> table() {
    return ReceiveTable.TABLE;
  }

  @Override
  protected ReceivedDag data(ReceiveState state) {
    return DAG;
  }

  @Override
  protected ReceiveInput input(EventType<?> event, Random random) {
    return new ReceiveInput(random.nextInt(1 << 30));
  }

  @Override
  protected Page page() {
    return new Page(
        "sync-states.md",
        "States of a push by dsync",
        """
        The machine of one push by dsync, at the node that takes it. Which blocks are here is no
        state of it: after a restart the block store says so, and the sender is asked for less.
        """);
  }

  @Test
  void givenStored_thenReadAsItWas() {
    assertEquals(DAG, ReceivedDag.CODEC.decode(ReceivedDag.CODEC.encode(DAG)));
    assertEquals(7, DAG.came(new ReceiveInput(7)).bytes());
  }
}
