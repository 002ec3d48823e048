package io.sluice.node.transfer;

import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.TransferHandler;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.multiformats.PeerId;
import java.util.Optional;

/**
 * Hands what peers say of channels to the side of the node that has them: what the initiator of a
 * channel says to the provider, what a responder says to the client. Both sides can be set after
 * the data-transfer endpoint was started with this handler; until then nothing is heard.
 */
public final class TransferDispatch implements TransferHandler {
  private final PeerId self;
  private volatile TransferHandler provider = TransferHandler.NONE;
  private volatile TransferHandler client = TransferHandler.NONE;
  private volatile Optional<TransferManager> manager = Optional.empty();

  /** For the node of that name. */
  public TransferDispatch(PeerId self) {
    this.self = self;
  }

  /** Who serves pulls. */
  public void provider(TransferHandler handler) {
    provider = handler;
  }

  /** Who makes pulls. */
  public void client(TransferHandler handler) {
    client = handler;
  }

  /** Who has the transfers that are no deals. */
  public void manager(TransferManager others) {
    manager = Optional.of(others);
  }

  private TransferHandler of(ChannelId channel) {
    if (manager.isPresent() && manager.get().has(channel)) {
      return manager.get();
    }
    return channel.initiator().equals(self) ? client : provider;
  }

  @Override
  public void onVoucher(ChannelId channel, TypedVoucher voucher) {
    of(channel).onVoucher(channel, voucher);
  }

  @Override
  public void onUpdate(ChannelId channel, boolean paused) {
    of(channel).onUpdate(channel, paused);
  }

  @Override
  public void onCancel(ChannelId channel) {
    of(channel).onCancel(channel);
  }

  @Override
  public void onResponse(ChannelId channel, TransferResponse response) {
    of(channel).onResponse(channel, response);
  }

  @Override
  public void onRestartAsked(ChannelId channel) {
    boolean others = manager.filter(known -> known.knows(channel)).isPresent();
    (others ? manager.get() : of(channel)).onRestartAsked(channel);
  }
}
