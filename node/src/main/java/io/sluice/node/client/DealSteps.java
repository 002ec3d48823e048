package io.sluice.node.client;

import io.sluice.fsm.CrashPoint;
import io.sluice.fsm.EventSink;
import io.sluice.fsm.EventType;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.Step;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientEvent;
import io.sluice.fsm.client.ClientInput;
import io.sluice.fsm.client.ClientState;
import io.sluice.fsm.client.PaidFrom;
import io.sluice.payments.PaymentException;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.protocol.datatransfer.TransferRequest;
import io.sluice.protocol.graphsync.Exclusions;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a client does in each state of a deal; each step finds out first what is already done. */
final class DealSteps {
  private static final Logger LOG = LoggerFactory.getLogger(DealSteps.class);
  private static final Duration FAREWELL = Duration.ofSeconds(10);

  /** Attempts at a deal whose provider asks for more than came, before it is believed to lie. */
  private static final int OVERCHARGED_TRIES = 2;

  private final ClientDesk desk;
  private final Conversations conversations;
  private final Conversation.Hearer hearer;
  private final LastWords lastWords;
  private final Mending mending;
  private final Onlookers onlookers;
  private final LeftOutLists leftOut;

  DealSteps(
      ClientDesk desk,
      Conversations conversations,
      Conversation.Hearer hearer,
      LastWords lastWords,
      Mending mending,
      Onlookers onlookers,
      LeftOutLists leftOut) {
    this.desk = desk;
    this.conversations = conversations;
    this.hearer = hearer;
    this.lastWords = lastWords;
    this.mending = mending;
    this.onlookers = onlookers;
    this.leftOut = leftOut;
  }

  Map<ClientState, Step<ClientDeal, ClientInput>> byState() {
    return Map.of(
        ClientState.NEW, this::fund,
        ClientState.PROPOSED, this::propose,
        ClientState.TRANSFERRING, this::transferring,
        ClientState.RETRYING, this::retry,
        ClientState.PARKED, this::park,
        ClientState.FINALIZING, this::finish,
        ClientState.LEAVING, this::leave);
  }

  // ---- agreeing

  private void fund(MachineId id, ClientDeal deal, EventSink<ClientInput> reports)
      throws InterruptedException {
    CrashPoint.DEAL_BEGUN.reached();
    if (deal.isFree()) {
      reports.send(ClientEvent.FREE, new ClientInput.At(desk.now()));
      return;
    }
    try {
      PaidFrom lane = desk.money().fund(id, deal, desk.limits().funds());
      CrashPoint.LANE_TAKEN.reached();
      reports.send(ClientEvent.FUNDED, new ClientInput.Funded(desk.now(), lane));
    } catch (PaymentException e) {
      reports.send(ClientEvent.UNFUNDED, desk.stopped(Reason.codeOf(e), e));
    } catch (IOException e) {
      reports.send(ClientEvent.GIVE_UP, desk.stopped(DealCode.INTERNAL, e));
    }
  }

  private void propose(MachineId id, ClientDeal deal, EventSink<ClientInput> reports)
      throws InterruptedException {
    conversations.close(id);
    try {
      Exclusions first = leftOut.of(id, deal.leftOut());
      LocalPart local = LocalPart.of(desk.blocks(), deal.root(), deal.selector(), first);
      if (deal.answered() && !deal.isFree()) {
        payAhead(id, deal, local.charged());
      }
      Conversation conversation = new Conversation(desk, hearer, id, deal, local);
      conversations.add(id, conversation);
      Proposal proposal = new Proposal(desk.self(), deal, first, local);
      CrashPoint.PROPOSAL_DUE.reached();
      conversation.begin(desk.endpoint().open(proposal.spec(), desk.blocks(), conversation));
    } catch (PaymentException e) {
      reports.send(ClientEvent.GIVE_UP, desk.stopped(Reason.codeOf(e), e));
    } catch (IOException e) {
      reports.send(ClientEvent.GIVE_UP, desk.stopped(DealCode.INTERNAL, e));
    }
  }

  /** Pays for all that is verified before the restart asks for more. */
  private void payAhead(MachineId id, ClientDeal deal, long charged)
      throws IOException, InterruptedException {
    desk.blocks().sync();
    Optional<SignedVoucher> voucher = desk.money().pay(desk.machines(), id, deal, charged);
    if (voucher.isPresent() && voucher.get().amount().exceeds(deal.base())) {
      var unused =
          desk.endpoint()
              .send(
                  deal.provider(),
                  deal.addresses(),
                  TransferRequest.voucher(
                      deal.transfer(),
                      LastWords.typed(voucher.get().payment(deal.id(), charged, false))));
    }
  }

  // ---- data against payment

  /** Runs when the transfer begins, where there is nothing to do, and in a new process. */
  private void transferring(MachineId id, ClientDeal deal, EventSink<ClientInput> reports) {
    if (conversations.of(id).isEmpty()) {
      reports.send(
          ClientEvent.CONNECTION_LOST,
          desk.stopped(DealCode.CONNECTION_LOST, "taken up in a new process"));
    }
  }

  private void retry(MachineId id, ClientDeal deal, EventSink<ClientInput> reports)
      throws InterruptedException {
    int most = deal.answered() ? desk.limits().tries() : desk.limits().firstTries();
    if (DealCode.named(deal.reason()) == DealCode.OVERCHARGED) {
      most = Math.min(most, OVERCHARGED_TRIES);
    }
    if (deal.retries() >= most) {
      reports.send(
          ClientEvent.GIVE_UP,
          new ClientInput.Stopped(
              desk.now(),
              deal.reason(),
              "given up after %d attempts: %s".formatted(deal.retries(), deal.message())));
      return;
    }
    Thread.sleep(desk.limits().pauseBefore(deal.retries(), mending.asked(id)));
    reports.send(ClientEvent.RETRY, new ClientInput.Going(desk.now(), deal.transfer()));
  }

  private void park(MachineId id, ClientDeal deal, EventSink<ClientInput> reports)
      throws InterruptedException {
    settleUp(id, deal, Voucher.ONE_OF_MANY);
    conversations.close(id);
    onlookers.ended(id, ClientState.PARKED);
  }

  // ---- the end

  private void finish(MachineId id, ClientDeal deal, EventSink<ClientInput> reports)
      throws InterruptedException {
    try {
      settleUpOrFail(id, deal, deal.charged(), Voucher.FINAL);
      leaveLane(id, ClientEvent.FINAL_SENT, reports);
    } catch (PaymentException e) {
      reports.send(ClientEvent.CANCEL, desk.stopped(Reason.codeOf(e), e));
    } catch (IOException e) {
      LOG.error("{}: the last voucher could not be made", id, e);
    }
  }

  private void leave(MachineId id, ClientDeal deal, EventSink<ClientInput> reports)
      throws InterruptedException {
    DealCode reason = DealCode.named(deal.reason());
    boolean worthPaying =
        switch (reason) {
          case VERIFICATION_FAILED, BLOCK_HASH_MISMATCH, BUDGET_USED -> false;
          default -> true;
        };
    if (deal.answered() && worthPaying) {
      settleUp(id, deal, Voucher.LAST);
    }
    conversations.take(id).ifPresent(Conversation::cancel);
    leaveLane(id, ending(reason), reports);
  }

  private static EventType<ClientInput.At> ending(DealCode reason) {
    if (reason == DealCode.PARTIAL) {
      return ClientEvent.LEFT_PARTIAL;
    }
    if (reason == DealCode.CANCELLED) {
      return ClientEvent.LEFT_CANCELLED;
    }
    return switch (reason.exit()) {
      case 3, 4, 5 -> ClientEvent.LEFT_REJECTED;
      default -> ClientEvent.LEFT_FAILED;
    };
  }

  private void leaveLane(
      MachineId id, EventType<ClientInput.At> event, EventSink<ClientInput> reports)
      throws InterruptedException {
    var left = desk.money().leave(id);
    try {
      reports.send(event, new ClientInput.At(desk.now()), DealMoney.attachments(left)).get();
      CrashPoint.LANE_LEFT.reached();
      left.commit();
    } catch (ExecutionException e) {
      left.release();
      LOG.warn("{}: {} was refused", id, event, e.getCause());
    }
  }

  // ---- paying

  /** What a voucher is to its deal. */
  private enum Voucher {
    ONE_OF_MANY,
    /** No other will come: the client leaves the deal. */
    LAST,
    /** No other will come: the client has everything. */
    FINAL
  }

  /** Pays for what is verified; a failure leaves the rest to the next attempt. */
  private void settleUp(MachineId id, ClientDeal deal, Voucher kind) throws InterruptedException {
    Optional<Conversation> conversation = conversations.of(id);
    long charged = deal.charged();
    try {
      if (conversation.isPresent()) {
        ClientInput.Verified standing = conversation.get().standing();
        desk.blocks().sync();
        charged = Math.max(charged, standing.charged());
        desk.send(id, ClientEvent.PROGRESS, standing);
      }
      if (charged > 0) {
        settleUpOrFail(id, deal, charged, kind);
      }
    } catch (IOException | PaymentException e) {
      LOG.warn("{}: what is verified could not be paid: {}", id, e.toString());
    }
  }

  /**
   * Signs and sends a voucher for so many bytes. A last one is kept in the outbox first, and it is
   * enough that it has been tried: it goes out again at each contact.
   */
  private void settleUpOrFail(MachineId id, ClientDeal deal, long charged, Voucher kind)
      throws IOException, InterruptedException {
    Optional<SignedVoucher> voucher = desk.money().pay(desk.machines(), id, deal, charged);
    if (voucher.isEmpty() || !voucher.get().amount().exceeds(deal.base())) {
      return;
    }
    LastVouchers.Unanswered out =
        new LastVouchers.Unanswered(
            id,
            deal.provider(),
            deal.addresses(),
            deal.transfer(),
            voucher.get().payment(deal.id(), charged, kind == Voucher.FINAL),
            desk.now());
    if (kind != Voucher.ONE_OF_MANY) {
      lastWords.keep(out);
    }
    try {
      lastWords.send(out).get(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      LOG.info("{}: the voucher could not be sent and goes out again later", id);
    }
  }
}
