package io.sluice.node.transfer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.MachineId;
import io.sluice.fsm.transfer.TransferChannel.ChannelOpening;
import io.sluice.fsm.transfer.TransferStatus;
import io.sluice.protocol.datatransfer.DataTransfer;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.MemoryNetwork;
import io.sluice.protocol.graphsync.TestDag;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Either end dies while the responder waits for a voucher, or when all data are through, or when
 * the initiator has heard so: the next process goes on to the end by itself, with a voucher that
 * was given once. The initiator listens nowhere, as at home, so it has to come by itself.
 */
@Timeout(60)
class DeathsAndVouchersTest {
  private static final int HALF = 20;
  private static final long LIMIT = 10_000;
  private static final TypedVoucher VOUCHER = new TypedVoucher("Ticket/1", Node.of("here"));

  private final TestDag dag = TestDag.of(1, 4, 10, 1000);
  private final MemoryNetwork network = new MemoryNetwork();
  private final Rules rules = new Rules();
  private TransferEndpoint sender;
  private TransferEndpoint recipient;
  private TransferEndpoint initiator;
  private TransferEndpoint responder;
  private boolean pull;
  private MachineId here;
  private MachineId there;

  /** Wants one voucher, at the end or on the way, or none; takes every one. */
  private static final class Rules implements TransferValidator {
    volatile Verdict opening = Verdict.accept().untilLastVoucher();
    final CompletableFuture<Void> paid = new CompletableFuture<>();
    volatile CompletableFuture<Void> judging = CompletableFuture.completedFuture(null);

    @Override
    public Verdict opened(ChannelOpening opening) {
      return this.opening;
    }

    @Override
    public Verdict paid(TransferState transfer, TypedVoucher voucher) {
      paid.complete(null);
      judging.join();
      return Verdict.accept();
    }
  }

  /** Where the two ends are when one of them dies. */
  private enum Moment {
    /** The limit is reached, and no voucher given. */
    LIMIT {
      @Override
      void reach(DeathsAndVouchersTest test) throws Exception {
        test.openUpToLimit();
      }
    },
    /** One was written, and nobody has read it. */
    LIMIT_VOUCHER_UNREAD {
      @Override
      void reach(DeathsAndVouchersTest test) throws Exception {
        test.openUpToLimit();
        test.network.deafen(test.responder.host, DataTransfer.PROTOCOL);
        test.giveVoucher().get();
      }
    },
    /** The responder has recorded it, and not what it makes of it. */
    LIMIT_VOUCHER_UNJUDGED {
      @Override
      void reach(DeathsAndVouchersTest test) throws Exception {
        test.rules.judging = new CompletableFuture<>();
        test.openUpToLimit();
        test.giveVoucher().get();
        test.rules.paid.get();
      }
    },
    /** The responder's word that it wants a last voucher has overtaken the data. */
    RESPONDER_FINALIZING {
      @Override
      void reach(DeathsAndVouchersTest test) throws Exception {
        test.overtake(true);
        test.awaitHere("RESPONDER_FINALIZING");
      }
    },
    /** Its word that it is complete has. */
    RESPONDER_COMPLETED {
      @Override
      void reach(DeathsAndVouchersTest test) throws Exception {
        test.rules.opening = Verdict.accept();
        test.overtake(false);
        test.awaitHere("RESPONDER_COMPLETED");
      }
    },
    /** The responder waits for a last voucher, and the initiator does not know. */
    FINALIZING_UNSAID {
      @Override
      void reach(DeathsAndVouchersTest test) throws Exception {
        test.mute();
        test.open();
        test.awaitThere("FINALIZING");
        test.awaitHere("TRANSFER_FINISHED");
      }
    },
    /** It knows, and has given none. */
    FINALIZING {
      @Override
      void reach(DeathsAndVouchersTest test) throws Exception {
        test.open();
        test.awaitFinalizing();
      }
    },
    /** One was written, and nobody has read it. */
    VOUCHER_UNREAD {
      @Override
      void reach(DeathsAndVouchersTest test) throws Exception {
        test.open();
        test.awaitFinalizing();
        test.network.deafen(test.responder.host, DataTransfer.PROTOCOL);
        test.giveVoucher().get();
      }
    },
    /** The responder has recorded it, and not what it makes of it. */
    VOUCHER_UNJUDGED {
      @Override
      void reach(DeathsAndVouchersTest test) throws Exception {
        test.rules.judging = new CompletableFuture<>();
        test.open();
        test.awaitFinalizing();
        test.giveVoucher().get();
        test.rules.paid.get();
      }
    },
    /** It is good, and the initiator does not know. */
    LAST_COMPLETE_UNSAID {
      @Override
      void reach(DeathsAndVouchersTest test) throws Exception {
        test.open();
        test.awaitFinalizing();
        test.mute();
        test.giveVoucher().get();
        test.awaitThere("COMPLETING");
      }
    },
    /** No last voucher is wanted; the responder is complete, and the initiator does not know. */
    COMPLETE_UNSAID {
      @Override
      void reach(DeathsAndVouchersTest test) throws Exception {
        test.rules.opening = Verdict.accept();
        test.mute();
        test.open();
        test.awaitThere("COMPLETING");
        test.awaitHere("TRANSFER_FINISHED");
      }
    };

    /** The responder waits for a voucher, and none was given. */
    private static final Set<Moment> WAITING = EnumSet.of(LIMIT, FINALIZING_UNSAID, FINALIZING);

    abstract void reach(DeathsAndVouchersTest test) throws Exception;
  }

  private enum End {
    INITIATOR,
    RESPONDER
  }

  static Stream<Arguments> moments() {
    return Stream.of(true, false)
        .flatMap(pull -> Stream.of(Moment.values()).map(moment -> Arguments.of(pull, moment)));
  }

  static Stream<Arguments> deaths() {
    return moments()
        .flatMap(
            place ->
                Stream.of(End.values())
                    .map(who -> Arguments.of(place.get()[0], place.get()[1], who)));
  }

  private void start(boolean pull) throws IOException {
    sender = new TransferEndpoint(network, 1, dag.store());
    recipient = new TransferEndpoint(network, 2, new MemoryBlockStore());
    initiator = pull ? recipient : sender;
    responder = pull ? sender : recipient;
    responder.validate("Ticket/1", rules);
    network.hide(initiator.host);
    this.pull = pull;
  }

  @AfterEach
  void close() {
    rules.judging.complete(null);
    sender.close();
    recipient.close();
  }

  private void open() throws IOException {
    TypedVoucher please = new TypedVoucher("Ticket/1", Node.of("please"));
    here =
        pull
            ? recipient.manager.pull(sender.host.id(), List.of(), dag.root(), TestDag.ALL, please)
            : sender.manager.push(recipient.host.id(), List.of(), dag.root(), TestDag.ALL, please);
    TransferEndpoint.awaited(() -> !responder.journal.entries().isEmpty());
    there = responder.only();
  }

  private void openUpToLimit() throws Exception {
    rules.opening = Verdict.accept().upTo(LIMIT);
    open();
    TransferEndpoint.awaited(() -> initiator.channel(here).responderPaused());
    TransferEndpoint.awaited(() -> responder.channel(there).responderPaused());
  }

  private CompletableFuture<Void> giveVoucher() throws IOException {
    return initiator.manager.sendVoucher(here, VOUCHER);
  }

  /** Gives a voucher if there was none, as soon as the responder waits for it. */
  private void giveWhatIsWanted(Moment moment) throws IOException {
    if (moment == Moment.RESPONDER_FINALIZING) {
      awaitThere("FINALIZING");
    }
    if (moment == Moment.RESPONDER_FINALIZING || Moment.WAITING.contains(moment)) {
      var unused = giveVoucher();
    }
  }

  private boolean isVoucherWanted() {
    return !rules.opening.equals(Verdict.accept());
  }

  /** The data are half through, and the initiator hears what is said at the end. */
  private void overtake(boolean waits) throws Exception {
    sender.blocks.closeAfter(HALF);
    open();
    sender.blocks.awaitWaiting();
    var channel = initiator.manager.channel(here).orElseThrow();
    initiator.manager.onResponse(
        channel, TransferResponse.complete(channel.transfer(), true, waits, Optional.empty()));
  }

  /** The responder's words on streams of their own get nowhere; all else does. */
  private void mute() {
    network.mute(responder.host, DataTransfer.PROTOCOL);
  }

  private void awaitHere(String status) throws IOException {
    TransferEndpoint.awaited(() -> initiator.statuses(here).getLast().equals(status));
  }

  private void awaitThere(String status) throws IOException {
    TransferEndpoint.awaited(() -> responder.statuses(there).getLast().equals(status));
  }

  private void awaitFinalizing() throws IOException {
    awaitThere("FINALIZING");
    awaitHere("RESPONDER_FINALIZING_TRANSFER_FINISHED");
  }

  @ParameterizedTest(name = "pull {0}, {1}, {2}")
  @MethodSource("deaths")
  void givenDeathOfOne_whenItComesBack_thenBothEndsComplete(boolean pull, Moment moment, End who)
      throws Exception {
    start(pull);
    moment.reach(this);
    boolean early = who == End.RESPONDER && Moment.WAITING.contains(moment);

    TransferEndpoint dying = who == End.INITIATOR ? initiator : responder;
    dying.die();
    goOn();
    if (early) { // it cannot be reached now
      var unused = giveVoucher();
    }
    dying.comeBack();
    if (!early) {
      giveWhatIsWanted(moment);
    }

    assertComplete();
  }

  @ParameterizedTest(name = "pull {0}, {1}")
  @MethodSource("moments")
  @Tag("long") // as many processes again
  void givenDeathOfBoth_whenTheyComeBack_thenBothEndsComplete(boolean pull, Moment moment)
      throws Exception {
    start(pull);
    moment.reach(this);

    initiator.die();
    responder.die();
    goOn();
    initiator.comeBack();
    responder.comeBack();
    giveWhatIsWanted(moment);

    assertComplete();
  }

  @ParameterizedTest(name = "pull {0}, {1}, {2}")
  @MethodSource("deaths")
  @Tag("long") // the same moments once more
  void givenWordsThatGotNowhere_whenRestartedByHand_thenBothEndsComplete(
      boolean pull, Moment moment, End who) throws Exception {
    start(pull);
    moment.reach(this);
    goOnConnected();

    if (who == End.INITIATOR) {
      initiator.manager.restart(here);
    } else {
      responder.manager.restart(there);
    }
    giveWhatIsWanted(moment);

    assertComplete();
  }

  @ParameterizedTest(name = "pull {0}")
  @ValueSource(booleans = {true, false})
  void givenVoucherThatNobodyReads_whenNothingIsHeard_thenItIsGivenAgain(boolean pull)
      throws Exception {
    start(pull);
    initiator.limits = TransferEndpoint.impatient();
    initiator.die();
    initiator.comeBack();
    Moment.VOUCHER_UNREAD.reach(this);
    goOnConnected();

    TransferEndpoint.awaited(
        () -> {
          initiator.manager.tick();
          return responder.channel(there).vouchers().count() > 0;
        });

    assertComplete();
  }

  @ParameterizedTest(name = "pull {0}")
  @ValueSource(booleans = {true, false})
  void givenResponderThatWaits_whenNothingIsGiven_thenNothingIsBegunAgain(boolean pull)
      throws Exception {
    start(pull);
    initiator.limits = TransferEndpoint.impatient();
    initiator.die();
    initiator.comeBack();
    Moment.FINALIZING.reach(this);

    initiator.manager.tick();

    assertEquals(0, initiator.count(here, "SEND_DATA_ERROR"));
    assertEquals(0, initiator.count(here, "RECEIVE_DATA_ERROR"));
    var unused = giveVoucher();
    assertComplete();
  }

  @ParameterizedTest(name = "pull {0}")
  @ValueSource(booleans = {true, false})
  void givenResponderThatDiesBeforeItHasAgreed_thenItAgreesToNoMoreThanAtFirst(boolean pull)
      throws Exception {
    start(pull);
    rules.opening = Verdict.accept(); // which is what an opening is without its terms
    sender.blocks.closeAfter(HALF);
    open();
    sender.blocks.awaitWaiting();
    responder.die();
    responder.journal = responder.journal.upTo(there, "REQUESTED");
    rules.opening = Verdict.accept().untilLastVoucher();
    goOn();

    responder.comeBack();

    awaitThere("FINALIZING");
    var unused = giveVoucher();
    assertComplete();
  }

  /** Data that were sent need not have arrived: the word from before the death holds no more. */
  @Test
  void givenResponderThatAsksForDataAfterItSaidComplete_thenItHasToSaySoAgain() throws Exception {
    start(false);
    Moment.RESPONDER_COMPLETED.reach(this);
    initiator.die();
    mute();
    network.cut(sender.host, recipient.host);
    sender.blocks.open();

    initiator.comeBack();

    awaitThere("COMPLETING"); // and cannot say so
    TransferEndpoint.awaited(() -> initiator.count(here, "DATA_QUEUED") > 0);
    goOn();
    assertComplete();
    assertTrue(initiator.count(here, "RESPONDER_COMPLETES") > 1);
  }

  @ParameterizedTest(name = "pull {0}")
  @ValueSource(booleans = {true, false})
  void givenResponderThatDidNotHearTheCancel_whenItAsks_thenItIsToldOnceMore(boolean pull)
      throws Exception {
    start(pull);
    Moment.FINALIZING.reach(this);
    initiator.manager.cancel(here);
    initiator.end(here);
    responder.end(there);
    responder.die();
    responder.journal = responder.journal.upTo(there, "FINALIZING");

    responder.comeBack();

    assertEquals(TransferStatus.CANCELLED, responder.end(there).status());
  }

  /** Whatever held things up at that moment does so no more, and the connection is lost. */
  private void goOn() {
    network.cut(sender.host, recipient.host);
    goOnConnected();
  }

  private void goOnConnected() {
    network.heal(responder.host);
    sender.blocks.open();
    rules.judging.complete(null);
  }

  private void assertComplete() throws Exception {
    TransferManager.TransferEnd ended = initiator.end(here);
    assertEquals(TransferStatus.COMPLETED, ended.status(), ended.message());
    TransferManager.TransferEnd endedThere = responder.end(there);
    assertEquals(TransferStatus.COMPLETED, endedThere.status(), endedThere.message());
    assertEquals(isVoucherWanted() ? 1 : 0, initiator.channel(here).vouchers().count());
    for (Cid leaf : dag.leaves()) {
      assertTrue(recipient.blocks.has(leaf));
    }
  }
}
