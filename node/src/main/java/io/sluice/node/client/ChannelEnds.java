package io.sluice.node.client;

import io.sluice.dealstore.DealStore;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.DealOrder;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.payer.PayerSide;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends channels at once, with the consent of the providers that they pay. For one thread at a time.
 */
public final class ChannelEnds {
  private static final Logger LOG = LoggerFactory.getLogger(ChannelEnds.class);
  private static final Duration BETWEEN_TRIES = Duration.ofMinutes(10);

  private final Host host;
  private final DealStore store;
  private final PayerSide payer;
  private final Clock clock;
  private final Map<Bytes32, Instant> tried = new HashMap<>();

  /** Asks over this host the providers that deals in this store name. */
  public ChannelEnds(Host host, DealStore store, PayerSide payer, Clock clock) {
    this.host = host;
    this.store = store;
    this.payer = payer;
    this.clock = clock;
  }

  /**
   * Ends a channel at what was vouchered on it. Blocks on provider and ledger.
   *
   * @throws ServiceException {@code CLOSE_REFUSED} if the provider does not consent or is not
   *     known; why it cannot be asked
   */
  public Outcome end(Bytes32 channel) throws IOException, ServiceException, InterruptedException {
    DealOrder order =
        provider(channel)
            .orElseThrow(
                () ->
                    new ServiceException(
                        DealCode.CLOSE_REFUSED, "no deal says which provider it pays"));
    CloseQuery query = new CloseQuery(host);
    Refused refused = new Refused();
    Optional<Outcome> outcome =
        payer.closeByConsent(
            channel,
            (domain, consent, ours) ->
                refused.unless(
                    () -> query.ask(order.provider(), order.addresses(), domain, consent, ours)));
    return outcome.orElseThrow(refused::cause);
  }

  /** Carries a refusal past who does not need to know why. */
  private static final class Refused {
    private ServiceException cause =
        new ServiceException(DealCode.CLOSE_REFUSED, "the provider does not consent");

    private interface Asking<T> {
      T ask() throws ServiceException;
    }

    <T> Optional<T> unless(Asking<T> asking) {
      try {
        return Optional.of(asking.ask());
      } catch (ServiceException e) {
        cause = e;
        return Optional.empty();
      }
    }

    ServiceException cause() {
      return cause;
    }
  }

  /** Of the newest deal that the channel paid for. */
  private Optional<DealOrder> provider(Bytes32 channel) throws IOException {
    Optional<ClientDeal> newest = Optional.empty();
    for (StoredMachine machine : store.all(ClientDeals.TABLE.name())) {
      ClientDeal deal = ClientDeals.TABLE.data().decode(machine.data());
      boolean pays =
          deal.money()
              .filter(money -> money.lane().opening().channel().equals(channel))
              .isPresent();
      if (pays && newest.filter(other -> other.id() > deal.id()).isEmpty()) {
        newest = Optional.of(deal);
      }
    }
    return newest.map(ClientDeal::order);
  }

  /**
   * Ends what no deal has used for so long, where its provider consents; the rest is for others.
   */
  public void endIdle(Duration after) throws InterruptedException {
    Instant now = clock.instant();
    for (Bytes32 channel : payer.idle(after, now)) {
      if (!now.isBefore(tried.getOrDefault(channel, Instant.MIN))) {
        tried.put(channel, now.plus(BETWEEN_TRIES));
        try {
          end(channel);
        } catch (IOException | ServiceException | RuntimeException e) {
          LOG.info("channel {} is not ended yet: {}", channel, e.toString());
        }
      }
    }
  }
}
