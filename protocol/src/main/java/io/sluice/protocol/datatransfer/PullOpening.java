package io.sluice.protocol.datatransfer;

import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.util.Optional;

/**
 * What a pull was opened with, which a resumption of it is held against.
 *
 * @param voucherType the type of the voucher that opened the channel
 */
record PullOpening(Cid root, Node selector, Optional<String> voucherType) {

  /** Whether the same DAG is asked for. */
  boolean asks(Cid otherRoot, Node otherSelector) {
    return root.equals(otherRoot) && DagCbor.same(selector, otherSelector);
  }
}
