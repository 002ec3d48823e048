package io.sluice.fsm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.multiformats.Cid;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeftOutTest {
  private static final Cid BLOCK =
      Cid.parse("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");

  /** Homes hold these bytes: they must stay as they are. */
  @Test
  void theStoredFormIsFixed() {
    assertEquals(
        "a3644c6973745820"
            + "e23ea7332f00f1a1e026c0c4628d7dbebe36dfd743c84a1e564c0efc387a97d8"
            + "664c69737465640169536b6970466972737407",
        HexFormat.of()
            .formatHex(DagCbor.encode(LeftOut.of(new Exclusions(7, List.of(BLOCK))).toNode())));
  }

  @Test
  void givenAStoredForm_thenTheSameAgain() {
    LeftOut leftOut = LeftOut.of(new Exclusions(7, List.of(BLOCK)));

    assertEquals(leftOut, LeftOut.of(leftOut.toNode()));
  }
}
