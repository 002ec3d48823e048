package io.sluice.cli;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.transfer.TransferChannel.ChannelOpening;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.node.RunningNode;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.Home;
import io.sluice.node.home.Passphrase;
import io.sluice.node.transfer.TransferManager;
import io.sluice.node.transfer.TransferState;
import io.sluice.node.transfer.TransferValidator;
import io.sluice.node.transfer.Verdict;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/**
 * A program that embeds a node and has transfers of its own: gives content for tickets, one for the
 * first part, one for the rest and one at the end; or pulls it, with a ticket whenever one is
 * wanted.
 */
final class TicketTransfers {
  private static final String TICKET = "Ticket/1";
  private static final long FIRST = 300_000;

  private TicketTransfers() {}

  /** {@code give HOME PLACE}, until it is killed, or {@code take HOME CID ADDRESS}. */
  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[1]);
    if (arguments[0].equals("give")) {
      try (RunningNode node = start(home, arguments[2], System.getenv())) {
        System.out.println("listening " + node.addresses().getFirst());
        System.out.println("ready");
        new CountDownLatch(1).await();
      }
    } else {
      take(home, arguments[2], arguments[3], System.getenv());
    }
  }

  private static final class Tickets implements TransferValidator {
    @Override
    public Verdict opened(ChannelOpening opening) {
      return Verdict.accept().upTo(FIRST).untilLastVoucher();
    }

    @Override
    public Verdict paid(TransferState transfer, TypedVoucher voucher) {
      return transfer.status() == TransferStatus.FINALIZING
          ? Verdict.accept()
          : Verdict.accept().untilLastVoucher();
    }

    @Override
    public Optional<TypedVoucher> demand(TransferState transfer) {
      return Optional.of(ticket("another one, please"));
    }
  }

  private static TypedVoucher ticket(String words) {
    return new TypedVoucher(TICKET, Node.of(words));
  }

  static RunningNode start(Path home, String place, Map<String, String> environment)
      throws Exception {
    return RunningNode.start(
        new Home(home),
        NodeConfig.read(home, environment, Map.of("listen", List.of(place))),
        passphrase(new Home(home)),
        Map.of(TICKET, new Tickets()));
  }

  private static Passphrase passphrase(Home home) {
    return () -> {
      try {
        return Files.readString(home.passphraseFile()).strip();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  /** Pulls, or goes on with it, until it is complete. */
  static void take(Path home, String cid, String address, Map<String, String> environment)
      throws Exception {
    try (RunningNode node = start(home, "/ip4/127.0.0.1/tcp/0", environment)) {
      TransferManager transfers = node.transfers();
      transfers.subscribe(
          (event, transfer) -> {
            if (event.equals("NEW_VOUCHER_RESULT") && transfer.channel().opening().initiated()) {
              Thread.startVirtualThread(() -> give(transfers, transfer.id()));
            }
          });
      Multiaddr at = Multiaddr.parse(address);
      MachineId id =
          transfers.pull(
              at.peerId().orElseThrow(),
              List.of(at.withoutPeer()),
              Cid.parse(cid),
              Selectors.exploreAll().node(),
              ticket("one"));
      TransferManager.TransferEnd end = transfers.await(id).get();
      if (end.status() != TransferStatus.COMPLETED) {
        throw new IllegalStateException(end.status() + ": " + end.message());
      }
    }
  }

  private static void give(TransferManager transfers, MachineId id) {
    try {
      transfers.sendVoucher(id, ticket("here"));
    } catch (IOException e) {
      // it has ended meanwhile
    }
  }
}
