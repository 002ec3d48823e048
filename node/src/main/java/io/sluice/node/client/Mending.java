package io.sluice.node.client;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.PaidFrom;
import io.sluice.payments.PaymentException;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealResult;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What follows a refusal. Some can be mended, by another lane or more deposit; some pass with time;
 * the others stand.
 */
final class Mending {
  /** So often a refusal is met by another proposal; then it stands. */
  private static final int MOST = 8;

  private final ClientDesk desk;
  private final Map<MachineId, Integer> mends = new ConcurrentHashMap<>();

  /** How long providers asked to be left alone; until the next attempt. */
  private final Map<MachineId, Duration> patience = new ConcurrentHashMap<>();

  Mending(ClientDesk desk) {
    this.desk = desk;
  }

  /** The provider said no; waits for what it may say beside that, and for the ledger. */
  void refused(Conversation conversation, MachineId id, ClientDeal deal, Reason reason) {
    desk.metrics().refused(reason.code().name());
    try {
      if (reason.code().isTransient()) { // it asks for patience, not for another deal
        retryAfter(conversation, deal, reason).ifPresent(wait -> patience.put(id, wait));
        conversation.lost(reason);
        return;
      }
      Optional<PaidFrom> mended = mend(conversation, id, deal, reason);
      if (mended.isPresent()) {
        desk.metrics().mended(reason.code().name());
        desk.send(id, ClientEvent.REOPENED, new ClientInput.Funded(desk.now(), mended.get()));
        return;
      }
      desk.report(id, ClientEvent.REFUSED, desk.stopped(reason.code(), reason.message()));
    } catch (PaymentException e) {
      desk.report(id, ClientEvent.REFUSED, desk.stopped(Reason.codeOf(e), e));
    } catch (ProtocolException e) {
      desk.report(id, ClientEvent.REFUSED, desk.stopped(DealCode.NOT_OUR_VOUCHER, e));
    } catch (IOException e) {
      desk.report(id, ClientEvent.GIVE_UP, desk.stopped(DealCode.INTERNAL, e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How long the provider asked to be left alone before the attempt that now follows. */
  Duration asked(MachineId id) {
    return Optional.ofNullable(patience.remove(id)).orElse(Duration.ZERO);
  }

  void forget(MachineId id) {
    mends.remove(id);
    patience.remove(id);
  }

  private static Optional<Duration> retryAfter(
      Conversation conversation, ClientDeal deal, Reason reason) throws InterruptedException {
    return deal.isFree() // nothing but the classic response comes then
        ? Optional.empty()
        : conversation
            .resultWith(reason.code())
            .flatMap(DealResult::retryAfter)
            .map(Duration::ofSeconds);
  }

  private Optional<PaidFrom> mend(
      Conversation conversation, MachineId id, ClientDeal deal, Reason reason)
      throws IOException, InterruptedException {
    if (deal.isFree() || deal.answered() || mends.merge(id, 1, Integer::sum) > MOST) {
      return Optional.empty();
    }
    return switch (reason.code()) {
      case LANE_BUSY -> Optional.of(desk.money().another(id, deal));
      case LANE_BEHIND -> {
        Optional<Payment> best = conversation.resultWith(reason.code()).flatMap(DealResult::best);
        yield best.isEmpty()
            ? Optional.empty()
            : desk.money().adopt(id, deal, SignedVoucher.of(best.get()), desk.limits().funds());
      }
      case INSUFFICIENT_DEPOSIT, DEPOSIT_USED -> {
        Optional<TokenAmount> gap =
            conversation.resultWith(reason.code()).flatMap(DealResult::shortfall);
        yield gap.isEmpty()
            ? Optional.empty()
            : desk.money().cover(id, deal, gap.get(), desk.limits().funds());
      }
      default -> Optional.empty();
    };
  }
}
