package io.sluice.node.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.TransferHandler;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.multiformats.PeerId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which side of a node hears what peers say. */
class TransferDispatchTest {
  private static final PeerId SELF = Identity.ofSeed(new byte[32]).peerId();
  private static final PeerId PEER = Identity.generate().peerId();
  private static final ChannelId OURS = new ChannelId(SELF, PEER, 7);
  private static final ChannelId THEIRS = new ChannelId(PEER, SELF, 7);

  private final List<String> heard = new ArrayList<>();
  private final TransferDispatch dispatch = new TransferDispatch(SELF);

  /** Each thing that can be said of a channel. */
  private enum Said {
    VOUCHER((to, of) -> to.onVoucher(of, new TypedVoucher("Type", Node.ofNull()))),
    UPDATE((to, of) -> to.onUpdate(of, true)),
    CANCEL(TransferHandler::onCancel),
    RESPONSE((to, of) -> to.onResponse(of, TransferResponse.cancel(7))),
    RESTART(TransferHandler::onRestartAsked);

    private final BiConsumer<TransferHandler, ChannelId> by;

    Said(BiConsumer<TransferHandler, ChannelId> by) {
      this.by = by;
    }
  }

  private final class Side implements TransferHandler {
    private final String name;

    Side(String name) {
      this.name = name;
    }

    private void hear(Said said, Object about) {
      heard.add(
          name
              + " "
              + said
              + " "
              + (about.equals(OURS) ? "ours" : about.equals(THEIRS) ? "theirs" : ""));
    }

    @Override
    public void onVoucher(ChannelId channel, TypedVoucher voucher) {
      hear(Said.VOUCHER, channel);
    }

    @Override
    public void onUpdate(ChannelId channel, boolean paused) {
      hear(Said.UPDATE, channel);
    }

    @Override
    public void onCancel(ChannelId channel) {
      hear(Said.CANCEL, channel);
    }

    @Override
    public void onResponse(ChannelId channel, TransferResponse response) {
      hear(Said.RESPONSE, channel);
    }

    @Override
    public void onRestartAsked(ChannelId channel) {
      hear(Said.RESTART, channel);
    }
  }

  @BeforeEach
  void bothSides() {
    dispatch.provider(new Side("provider"));
    dispatch.client(new Side("client"));
  }

  @ParameterizedTest
  @EnumSource
  void givenAChannelOfOurs_thenTheClientHears(Said said) {
    said.by.accept(dispatch, OURS);

    assertEquals(List.of("client " + said + " ours"), heard);
  }

  @ParameterizedTest
  @EnumSource
  void givenAChannelOfAPeers_thenTheProviderHears(Said said) {
    said.by.accept(dispatch, THEIRS);

    assertEquals(List.of("provider " + said + " theirs"), heard);
  }

  @ParameterizedTest
  @EnumSource
  void givenNoSidesYet_thenNobodyHears(Said said) {
    TransferDispatch early = new TransferDispatch(SELF);

    said.by.accept(early, OURS);
    said.by.accept(early, THEIRS);

    assertEquals(List.of(), heard);
  }
}
