package io.sluice.node.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What is said with a push. */
class PushVouchersTest {
  @Test
  void sizeGoesAsAMapOfOneNumber() {
    TypedVoucher voucher = PushVouchers.push(1000);

    assertEquals("SluicePush/1", voucher.type());
    assertEquals("a16453697a651903e8", HexFormat.of().formatHex(DagCbor.encode(voucher.value())));
    assertEquals(OptionalLong.of(1000), PushVouchers.claimed(voucher));
  }

  @Test
  void reasonIsReadFromOurOwnResultsOnly() {
    TypedVoucher refusal = PushVouchers.refusal("full");

    assertEquals("SluicePushResult/1", refusal.type());
    assertEquals(": full", PushVouchers.reason(Optional.of(refusal)));
    assertEquals(
        "", PushVouchers.reason(Optional.of(new TypedVoucher("Other/1", refusal.value()))));
    assertEquals("", PushVouchers.reason(Optional.empty()));
  }

  @Test
  void whatPeersMakeOfItClaimsNothing() {
    assertEquals(
        OptionalLong.empty(),
        PushVouchers.claimed(new TypedVoucher("SluicePush/1", Node.of("much"))));
    assertEquals(
        OptionalLong.empty(), PushVouchers.claimed(new TypedVoucher("Theirs/1", Node.of(7))));
    assertEquals(
        "",
        PushVouchers.reason(
            Optional.of(new TypedVoucher("SluicePushResult/1", Node.of("no map")))));
  }
}
