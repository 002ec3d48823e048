package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.fsm.transfer.TransferChannel.ChannelOpening;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.transfer.TransferState;
import io.sluice.node.transfer.TransferValidator;
import io.sluice.node.transfer.Verdict;
import io.sluice.protocol.FailureCode;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Vouchers that commands give for a push that another command waits for. */
@Timeout(60)
class FurtherVouchersTest {
  private static final int BYTES = 3 << 20;

  @TempDir Path folder;
  private TestNode giver;
  private TestNode taker;
  private NodeService here;
  private NodeService there;
  private Cid root;

  /** Wants one ticket after the first MiB, and another at the end; and no forged ones. */
  private static final class Tickets implements TransferValidator {
    @Override
    public Verdict opened(ChannelOpening opening) {
      return Verdict.accept().upTo(1 << 20).untilLastVoucher();
    }

    @Override
    public Verdict paid(TransferState transfer, TypedVoucher voucher) {
      if (voucher.value().equals(Node.of("forged"))) {
        return Verdict.refuse(Optional.of(ticket("that is no ticket")));
      }
      return transfer.channel().vouchers().count() == 1
          ? Verdict.accept().untilLastVoucher().saying(ticket("go on"))
          : Verdict.accept().saying(ticket("done"));
    }

    @Override
    public Optional<TypedVoucher> demand(TransferState transfer) {
      return Optional.of(ticket("another one, please"));
    }
  }

  private static TypedVoucher ticket(String words) {
    return new TypedVoucher("Ticket/1", Node.of(words));
  }

  @BeforeEach
  void start() throws Exception {
    giver = new TestNode(Files.createDirectory(folder.resolve("giver"))).start();
    taker =
        new TestNode(Files.createDirectory(folder.resolve("taker")))
            .start(Map.of("Ticket/1", new Tickets()));
    here = giver.commands();
    there = taker.commands();
    root = giver.give(BYTES);
  }

  @AfterEach
  void end() {
    here.close();
    there.close();
    giver.close();
    taker.close();
  }

  private CompletableFuture<Reports.PushReport> push() {
    Requests.PushRequest request =
        new Requests.PushRequest(
            root.toString(), taker.address(), Optional.of("Ticket/1"), Optional.of("\"one\""));
    return CompletableFuture.supplyAsync(
        () -> {
          try (NodeService command = giver.commands()) {
            return command.push(request, progress -> {});
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
  }

  private static Reports.TransferReport awaited(
      NodeService service, Predicate<Reports.TransferReport> what) throws ServiceException {
    while (true) {
      Optional<Reports.TransferReport> found = service.transfers().stream().filter(what).findAny();
      if (found.isPresent()) {
        return service.transfer(found.get().id());
      }
      LockSupport.parkNanos(5_000_000);
    }
  }

  private void give(String id, String words) throws ServiceException {
    here.giveVoucher(
        new Requests.VoucherRequest(id, "Ticket/1", Optional.of("\"%s\"".formatted(words))));
  }

  private static Optional<Reports.VoucherReport> shown(String words) {
    return Optional.of(new Reports.VoucherReport("Ticket/1", "\"%s\"".formatted(words)));
  }

  @Test
  void givenLimitAndLastVoucher_whenCommandsGiveThem_thenThePushEnds() throws Exception {
    CompletableFuture<Reports.PushReport> pushing = push();
    Reports.TransferReport waiting =
        awaited(here, each -> each.pausedBy().isPresent() && each.results() == 1);
    assertEquals(Optional.of("responder"), waiting.pausedBy());
    assertEquals("Ticket/1", waiting.voucherType());
    assertEquals(shown("another one, please"), waiting.lastResult());
    long came = awaited(there, each -> each.pausedBy().isPresent()).received();
    assertTrue(came >= 1 << 20 && came < BYTES, "came " + came);

    give(waiting.id(), "two");
    awaited(there, each -> each.status().equals("FINALIZING"));
    assertFalse(pushing.isDone());
    give(waiting.id(), "three");

    assertEquals("COMPLETED", pushing.get().state());
    Reports.TransferReport gave = here.transfer(waiting.id());
    assertEquals(2, gave.vouchers());
    assertEquals(shown("three"), gave.lastVoucher());
    assertEquals(Optional.empty(), gave.pausedBy());
    Reports.TransferReport took = awaited(there, each -> each.status().equals("COMPLETED"));
    assertEquals(2, took.vouchers());
    assertEquals(shown("done"), took.lastResult());
    assertRefused(ErrorCode.TRANSFER_ENDED, () -> give(waiting.id(), "four"));
    assertRefused(
        ErrorCode.TRANSFER_OF_PEER,
        () ->
            there.giveVoucher(
                new Requests.VoucherRequest(took.id(), "Ticket/1", Optional.empty())));
  }

  @Test
  void givenVoucherThatIsRefused_thenTheCommandThatWaitsSaysSo() throws Exception {
    CompletableFuture<Reports.PushReport> pushing = push();
    Reports.TransferReport waiting = awaited(here, each -> each.pausedBy().isPresent());

    give(waiting.id(), "forged");

    ExecutionException failed = assertThrows(ExecutionException.class, pushing::get);
    ServiceException why = (ServiceException) failed.getCause().getCause();
    assertEquals("REFUSED", why.code().toString());
    Reports.TransferReport gave = here.transfer(waiting.id());
    assertEquals("FAILED", gave.status());
    assertEquals(shown("that is no ticket"), gave.lastResult());
  }

  private interface Call {
    void run() throws ServiceException;
  }

  private static void assertRefused(FailureCode code, Call call) {
    ServiceException why = assertThrows(ServiceException.class, call::run);
    assertEquals(code, why.code(), why.getMessage());
  }
}
