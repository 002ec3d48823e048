package io.sluice.node.client;

import io.sluice.fsm.DealReason;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.engine.MachineView;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.datatransfer.Pull;
import io.sluice.protocol.datatransfer.PullListener;
import io.sluice.protocol.datatransfer.PullSpec;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Payment;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What the parts of a client see of the world around them: time, blocks, money, the network, other
 * deals and threads. A test gives its own.
 */
interface DealContext {
  /** Work that may block. */
  @FunctionalInterface
  interface ClientWork {
    void run() throws IOException, InterruptedException;
  }

  PeerId self();

  Instant now();

  Ticker ticker();

  ClientLimits limits();

  ClientMetrics metrics();

  BlockStore blocks();

  DealPayments payments();

  /** Asks a provider for content; the listener may be called before this returns. */
  Pull open(PullSpec spec, PullListener listener);

  /** Sends a voucher outside of an attempt. */
  CompletableFuture<Void> sendVoucher(
      PeerId provider, List<Multiaddr> addresses, long transfer, Payment payment);

  /** Calls a deal off outside of an attempt. */
  CompletableFuture<Void> sendCancel(PeerId provider, List<Multiaddr> addresses, long transfer);

  /** A deal as it stands; absent if there is none of that name. */
  Optional<MachineView<ClientState, ClientDeal>> find(MachineId id) throws IOException;

  /** Raises an event and waits until it is durable. */
  <X extends ClientInput> void send(MachineId id, EventType<X> event, X input)
      throws IOException, InterruptedException;

  /** Raises an event that the deal may refuse: it has moved on then. */
  <X extends ClientInput> void report(MachineId id, EventType<X> event, X input);

  void onWorker(ClientWork work);

  /** Does nothing for a while. */
  void pause(Duration wait) throws InterruptedException;

  /** Runs something short after a while, at once if the client is closed before. */
  void after(Duration wait, Runnable task);

  /** Runs something short after a while, unless the client is closed before. */
  void remind(Duration wait, Runnable task);

  default ClientInput.At at() {
    return new ClientInput.At(now());
  }

  default ClientInput.Stopped stopped(DealReason reason) {
    return new ClientInput.Stopped(now(), reason);
  }

  /** How a deal stops for that reason: what can be mended puts it aside, else it is over. */
  static EventType<ClientInput.Stopped> stop(DealReason reason) {
    return isMended(reason.code()) ? ClientEvent.PARK : ClientEvent.GIVE_UP;
  }

  /** Whether the same command goes on: when a disk has room, when a signer signs again. */
  static boolean isMended(DealCode code) {
    return code == DealCode.STORAGE_FULL || code == DealCode.NOT_SIGNED;
  }
}
