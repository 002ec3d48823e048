package io.sluice.dealstore;

import static io.sluice.protocol.ipld.NodeCodec.ANY;
import static io.sluice.protocol.ipld.NodeCodec.LONG;
import static io.sluice.protocol.ipld.NodeCodec.TEXT;

import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;

/**
 * A payment record as the tables keep it.
 *
 * @param position the journal record it came with
 * @param part which of that record's payments it is
 * @param kind tells its reader what it is
 * @param record the thing
 */
record PaymentRow(long position, long part, String kind, Node record) {
  static final MapCodec<PaymentRow> CODEC =
      MapCodec.of(
          f ->
              new PaymentRow(
                  f.get("Position", LONG, PaymentRow::position),
                  f.get("Part", LONG, PaymentRow::part),
                  f.get("Kind", TEXT, PaymentRow::kind),
                  f.get("Record", ANY, PaymentRow::record)));
}
