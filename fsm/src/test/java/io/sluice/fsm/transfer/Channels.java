package io.sluice.fsm.transfer;

import io.sluice.fsm.transfer.TransferChannel.ChannelOpening;
import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import java.util.List;

/** Channels to test with. */
final class Channels {

  private Channels() {}

  static TransferChannel opened(boolean initiated, boolean pull) {
    return TransferChannel.opened(
        new ChannelOpening(
            new ChannelId(
                PeerId.parse("12D3KooWDLVKcMWqY7C5wx3NZh1vDa1mQXZ2c2HbhLrxUc5aDLrk"),
                PeerId.parse("12D3KooWL9TqCPz17bzVNuterTVvWhX3mx8PiWWgP5CVSQ7Kgg2N"),
                Long.parseUnsignedLong("9855543210123456789")),
            initiated,
            pull,
            Cid.parse("bafybeicioqsmc5up2iguonsvsgn7eivczzoo7gny4qgd4cgr3jbzhavjtm"),
            Node.map().put(".", Node.map().build()).build(),
            new TypedVoucher("RetrievalDealProposal/1", Node.map().put("ID", 5).build()),
            List.of()));
  }
}
