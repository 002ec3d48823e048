package io.sluice.protocol.datatransfer;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** What an endpoint hears outside of its pulls and pushes, to be taken out by a test. */
final class HeardMessages implements TransferHandler {
  final BlockingQueue<TypedVoucher> vouchers = new LinkedBlockingQueue<>();
  final BlockingQueue<Boolean> updates = new LinkedBlockingQueue<>();
  final BlockingQueue<ChannelId> cancels = new LinkedBlockingQueue<>();
  final BlockingQueue<ChannelId> restarts = new LinkedBlockingQueue<>();

  @Override
  public void onVoucher(ChannelId channel, TypedVoucher voucher) {
    vouchers.add(voucher);
  }

  @Override
  public void onUpdate(ChannelId channel, boolean paused) {
    updates.add(paused);
  }

  @Override
  public void onCancel(ChannelId channel) {
    cancels.add(channel);
  }

  @Override
  public void onRestartAsked(ChannelId channel) {
    restarts.add(channel);
  }
}
