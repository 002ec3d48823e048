package io.sluice.node.client;

import io.sluice.dealstore.DealStore;
import io.sluice.fsm.MachineId;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.Payment;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The outbox of last vouchers: each stays until its provider has answered, and goes out again at
 * each contact, so that a provider that was killed at the wrong moment still gets its money.
 */
final class LastVouchers {
  private static final String COLLECTION = "outbox";

  private final DealStore store;

  /**
   * One that is not answered.
   *
   * @param deal whose it is
   * @param provider who shall have it
   * @param addresses where the provider was reached
   * @param transfer the transfer channel of the deal
   * @param payment the voucher as it went out
   * @param since when it went out first
   */
  record Unanswered(
      MachineId deal,
      PeerId provider,
      List<Multiaddr> addresses,
      long transfer,
      Payment payment,
      Instant since) {
    /** Copies the list. */
    Unanswered {
      addresses = List.copyOf(addresses);
    }

    private Node toNode() {
      return Node.map()
          .put("Provider", provider.bytes())
          .put(
              "Addresses",
              Node.list(addresses.stream().map(address -> Node.of(address.bytes())).toList()))
          .put("Transfer", transfer)
          .put("Payment", payment.toNode())
          .put("Since", since.toEpochMilli())
          .build();
    }

    private static Unanswered of(String deal, Node node) {
      return new Unanswered(
          new MachineId(deal),
          PeerId.of(node.get("Provider").asByteArray()),
          node.get("Addresses").asList().stream()
              .map(address -> Multiaddr.of(address.asByteArray()))
              .toList(),
          node.get("Transfer").asLong(),
          Payment.of(node.get("Payment")),
          Instant.ofEpochMilli(node.get("Since").asLong()));
    }
  }

  LastVouchers(DealStore store) {
    this.store = store;
  }

  void keep(Unanswered voucher) throws IOException {
    store.putDocument(COLLECTION, voucher.deal().value(), voucher.toNode());
  }

  void answered(MachineId deal) throws IOException {
    if (store.document(COLLECTION, deal.value()).isPresent()) {
      store.removeDocument(COLLECTION, deal.value());
    }
  }

  boolean isOpen(MachineId deal) {
    return store.document(COLLECTION, deal.value()).isPresent();
  }

  Optional<Unanswered> find(MachineId deal) {
    return store.document(COLLECTION, deal.value()).map(node -> Unanswered.of(deal.value(), node));
  }

  List<Unanswered> all() {
    List<Unanswered> all = new ArrayList<>();
    for (Map.Entry<String, Node> entry : store.documents(COLLECTION).entrySet()) {
      all.add(Unanswered.of(entry.getKey(), entry.getValue()));
    }
    return all;
  }
}
