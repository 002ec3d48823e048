package io.sluice.node.client;

import io.sluice.dealstore.DealStore;
import io.sluice.fsm.MachineId;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
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
final class FinalVoucherStore {
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
    /** As it is kept under the name of its deal. */
    static MapCodec<Unanswered> codec(MachineId deal) {
      return MapCodec.of(
          f ->
              new Unanswered(
                  deal,
                  f.get(
                      "Provider", NodeCodec.bytes(PeerId::bytes, PeerId::of), Unanswered::provider),
                  f.get(
                      "Addresses",
                      NodeCodec.bytes(Multiaddr::bytes, Multiaddr::of).list(),
                      Unanswered::addresses),
                  f.get("Transfer", NodeCodec.LONG, Unanswered::transfer),
                  f.get("Payment", Payment.CODEC, Unanswered::payment),
                  f.get("Since", NodeCodec.MILLIS, Unanswered::since)));
    }

    /** Copies the list. */
    Unanswered {
      addresses = List.copyOf(addresses);
    }
  }

  FinalVoucherStore(DealStore store) {
    this.store = store;
  }

  void keep(Unanswered voucher) throws IOException {
    store.putDocument(
        COLLECTION, voucher.deal().value(), Unanswered.codec(voucher.deal()).encode(voucher));
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
    return store.document(COLLECTION, deal.value()).map(Unanswered.codec(deal)::decode);
  }

  List<Unanswered> all() {
    List<Unanswered> all = new ArrayList<>();
    for (Map.Entry<String, Node> entry : store.documents(COLLECTION).entrySet()) {
      all.add(Unanswered.codec(new MachineId(entry.getKey())).decode(entry.getValue()));
    }
    return all;
  }
}
