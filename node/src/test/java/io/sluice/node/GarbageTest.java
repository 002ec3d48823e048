package io.sluice.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a running node lets go of, and what it keeps, beside what it does meanwhile. */
@Timeout(120)
class GarbageTest {
  private static final long PATIENCE = 60;
  private static final String NOTHING_BUT_THE_ROOT = "{\".\":{}}";

  @TempDir Path folder;

  private static long freed(NodeService commands) throws ServiceException {
    return commands.collectGarbage().freedBlocks();
  }

  private static Reports.RetrievalReport buy(
      NodeService commands, Cid content, String provider, Optional<String> selector)
      throws ServiceException {
    return commands.retrieve(
        new Requests.RetrieveRequest(
            content.toString(),
            List.of(provider),
            Optional.empty(),
            false,
            false,
            Optional.empty(),
            Optional.empty(),
            selector,
            content.toString()),
        progress -> {});
  }

  @Test
  void givenContentThatWasRemoved_thenOnlyWhatNoOtherRootHasGoes() throws Exception {
    try (TestNode node = new TestNode(folder).start();
        NodeService commands = node.commands()) {
      Cid kept = node.give(300_000);
      Cid gone = node.give(600_000);
      assertEquals(0, freed(commands));
      commands.removeContent(gone.toString());

      Reports.GarbageReport freed = commands.collectGarbage();

      assertEquals(4, freed.freedBlocks(), "three chunks and their root");
      assertTrue(freed.freedBytes() > 600_000, freed::toString);
      assertEquals(
          DealCode.NOT_FOUND.name(),
          assertThrows(ServiceException.class, () -> commands.stat(gone.toString())).code().name());
      assertTrue(commands.stat(kept.toString()).complete());
      commands.verify(Optional.of(kept.toString()));
      assertEquals(0, freed(commands));
    }
  }

  @Test
  void givenContentThatWasBought_thenItStaysUntilItIsRemoved() throws Exception {
    try (TestNode seller = new TestNode(folder.resolve("seller")).start();
        TestNode buyer = new TestNode(folder.resolve("buyer")).start();
        NodeService commands = buyer.commands()) {
      Cid content = seller.give(3_000);
      buy(commands, content, seller.address(), Optional.empty());

      assertEquals(0, freed(commands));
      commands.removeContent(content.toString());
      assertEquals(1, freed(commands));
      assertTrue(commands.contents().isEmpty());
    }
  }

  /** As after a command that was killed between the end of its deal and its own. */
  @Test
  void givenBoughtContentThatIsNotListed_thenItStaysUntilSomebodySaysRemove() throws Exception {
    TestNode buyer = new TestNode(folder.resolve("buyer"));
    Cid content;
    try (TestNode seller = new TestNode(folder.resolve("seller")).start()) {
      content = seller.give(3_000);
      buyer.start();
      try (NodeService commands = buyer.commands()) {
        buy(commands, content, seller.address(), Optional.empty());
      }
      buyer.close();
    }
    try (SluiceNode home = buyer.open()) {
      home.store().removeDocument("content", content.toString());
    }
    try (NodeService commands = LocalNodeService.of(buyer.open())) {
      assertTrue(commands.contents().isEmpty());
      assertEquals(0, freed(commands));

      commands.removeContent(content.toString());

      assertEquals(1, freed(commands));
      assertThrows(ServiceException.class, () -> commands.removeContent(content.toString()));
    }
  }

  @Test
  void whatARetrievalUnderWayIsAfterIsHeld() throws Exception {
    Cid wanted = Cid.parse("bafkqaaa");
    try (SluiceNode home = new TestNode(folder).open()) {
      HeldRoots held = new HeldRoots(home.store(), home.contents(), () -> Set.of(wanted));

      assertEquals(Set.of(wanted), held.now());
      assertEquals(Set.of(), held.leftovers());
    }
  }

  @Test
  void givenPartWasBought_thenItIsKept() throws Exception {
    try (TestNode seller = new TestNode(folder.resolve("seller")).start();
        TestNode buyer = new TestNode(folder.resolve("buyer")).start();
        NodeService commands = buyer.commands()) {
      Cid content = seller.give(300_000);
      buy(commands, content, seller.address(), Optional.of(NOTHING_BUT_THE_ROOT));

      assertEquals(0, freed(commands));
      assertEquals(1, commands.stat(content.toString()).blocks());
    }
  }

  @Test
  void givenADealThatIsServed_thenItsContentStaysThoughItWasRemoved() throws Exception {
    try (TestNode node = new TestNode(folder).start();
        NodeService commands = node.commands();
        Stranger stranger = new Stranger()) {
      Cid content = node.give(96 << 20);
      CountDownLatch first = new CountDownLatch(1);
      CountDownLatch reading = new CountDownLatch(1);
      Stranger.Proposed running =
          stranger.propose(
              node.address(),
              1,
              content,
              () -> {
                first.countDown();
                await(reading);
              });
      await(first);
      commands.removeContent(content.toString());

      assertEquals(0, freed(commands));

      reading.countDown();
      running.completed.get(PATIENCE, TimeUnit.SECONDS);
      node.awaitNoDeals();
      assertEquals(388, freed(commands), "384 chunks and what holds them together");
    }
  }

  @Test
  void givenImportsBeside_thenWhatTheyBringStays() throws Exception {
    try (TestNode node = new TestNode(folder).start();
        NodeService commands = node.commands();
        NodeService others = node.commands()) {
      for (int round = 1; round <= 8; round++) {
        Cid before = node.give(1_000_000);
        commands.removeContent(before.toString());
        CompletableFuture<Reports.GarbageReport> collecting =
            CompletableFuture.supplyAsync(() -> collect(others));

        Cid again = node.give(1_000_000); // the very blocks that are being let go of

        collecting.get(PATIENCE, TimeUnit.SECONDS);
        assertEquals(before, again);
        assertTrue(commands.stat(again.toString()).complete(), "round " + round);
      }
    }
  }

  private static Reports.GarbageReport collect(NodeService commands) {
    try {
      return commands.collectGarbage();
    } catch (ServiceException e) {
      throw new AssertionError(e);
    }
  }

  // ---- archives served in place

  private Path archive(NodeService commands, Cid content) throws Exception {
    Path car = folder.resolve("served.car");
    commands.exportContent(
        new Requests.ExportRequest(content.toString(), car.toString(), true, false));
    commands.removeContent(content.toString());
    commands.collectGarbage();
    return car.toRealPath();
  }

  private static Reports.ImportReport inPlace(NodeService commands, Path car) throws Exception {
    return commands
        .importContent(
            new Requests.ImportRequest(
                List.of(car.toString()), true, true, Optional.empty(), Optional.empty()))
        .getFirst();
  }

  @Test
  void givenACarServedInPlace_thenItIsSoldAndNothingOfItIsCopied() throws Exception {
    try (TestNode seller = new TestNode(folder.resolve("seller")).start();
        TestNode buyer = new TestNode(folder.resolve("buyer")).start();
        NodeService commands = seller.commands();
        NodeService client = buyer.commands()) {
      Cid content = seller.give(300_000);
      Path car = archive(commands, content);

      Reports.ImportReport imported = inPlace(commands, car);

      assertEquals(content.toString(), imported.cid());
      assertEquals(3, imported.blocks());
      assertTrue(imported.offered());
      assertEquals(0, freed(commands));
      assertEquals(
          300_000, buy(client, content, seller.address(), Optional.empty()).bytes() / 1000 * 1000);
      commands.removeContent(content.toString());
      assertEquals(0, freed(commands), "it is not ours to delete");
      assertTrue(Files.exists(car));
      assertThrows(ServiceException.class, () -> commands.stat(content.toString()));
    }
  }

  @Test
  void givenACarServedInPlaceThatIsGone_thenVerifySaysWhichAndSoDoesTheContent() throws Exception {
    try (TestNode node = new TestNode(folder).start();
        NodeService commands = node.commands()) {
      Path car = archive(commands, node.give(300_000));
      String cid = inPlace(commands, car).cid();
      commands.verify(Optional.empty());
      Files.delete(car);

      ServiceException lost =
          assertThrows(ServiceException.class, () -> commands.verify(Optional.empty()));

      assertEquals(DealCode.VERIFICATION_FAILED, lost.code());
      assertTrue(lost.reason().startsWith(car + " is gone or was changed"), lost.reason());
      commands.removeContent(cid);
      commands.collectGarbage();
      commands.verify(Optional.empty());
    }
  }

  @Test
  void givenFilesThatAreNotCars_thenInPlaceIsRefused() throws Exception {
    try (TestNode node = new TestNode(folder).start();
        NodeService commands = node.commands()) {
      Path file = Files.writeString(folder.resolve("plain"), "hello");

      ServiceException refused =
          assertThrows(
              ServiceException.class,
              () ->
                  commands.importContent(
                      new Requests.ImportRequest(
                          List.of(file.toString()),
                          false,
                          true,
                          Optional.empty(),
                          Optional.empty())));

      assertEquals(ErrorCode.USAGE.name(), refused.code().name());
      assertFalse(refused.reason().isEmpty());
      assertTrue(commands.contents().isEmpty());
    }
  }

  // ---- transfers

  @Test
  void givenADealOfEitherSide_thenItsTransferIsListedAndShownByEitherName() throws Exception {
    try (TestNode seller = new TestNode(folder.resolve("seller")).start();
        TestNode buyer = new TestNode(folder.resolve("buyer")).start();
        NodeService sold = seller.commands();
        NodeService bought = buyer.commands()) {
      Cid content = seller.give(300_000);
      String deal = buy(bought, content, seller.address(), Optional.empty()).dealId().orElseThrow();
      seller.awaitNoDeals();
      buyer.awaitTransferEnd();
      seller.awaitTransferEnd();

      Reports.TransferReport mine = bought.transfers().getFirst();
      Reports.TransferReport theirs = sold.transfers().getFirst();

      assertEquals(deal + "/transfer", mine.id());
      assertEquals("initiator", mine.role());
      assertEquals("responder", theirs.role());
      assertEquals(List.of("pull", "pull"), List.of(mine.direction(), theirs.direction()));
      assertEquals(content.toString(), mine.root());
      assertEquals(bought.id().peerId(), theirs.peer());
      assertEquals(sold.id().peerId(), mine.peer());
      assertEquals("COMPLETED", mine.status());
      assertEquals(List.of(), mine.transitions());
      assertEquals(bought.deal(deal).charged(), mine.received());
      assertEquals(bought.deal(deal).charged(), theirs.queued());

      Reports.TransferReport shown = bought.transfer(deal);
      assertEquals(shown, bought.transfer(deal + "/transfer"));
      assertEquals("COMPLETED", shown.transitions().getLast().after());
      assertEquals(Optional.of(mine), bought.deal(deal).transfer());
      assertEquals(Optional.empty(), bought.deals().getFirst().transfer());
    }
  }

  @Test
  void givenNoSuchTransfer_thenThatIsSaid() throws Exception {
    try (TestNode node = new TestNode(folder).start();
        NodeService commands = node.commands()) {
      assertEquals(List.of(), commands.transfers());
      for (String id : List.of("c-1", "c-1/transfer", "", "a b", "x".repeat(195))) {
        assertEquals(
            ErrorCode.NO_SUCH_TRANSFER.name(),
            assertThrows(ServiceException.class, () -> commands.transfer(id)).code().name(),
            id);
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(PATIENCE, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
