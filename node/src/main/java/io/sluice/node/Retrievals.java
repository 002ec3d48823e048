package io.sluice.node;

import io.sluice.fsm.DealOutcome;
import io.sluice.fsm.MachineId;
import io.sluice.fsm.StoredMachine;
import io.sluice.fsm.client.ClientDeal;
import io.sluice.fsm.client.ClientDeals;
import io.sluice.fsm.client.ClientState;
import io.sluice.node.SharedNetwork.NetworkUse;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Faults;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.client.Retrieval;
import io.sluice.node.content.ContentRecord;
import io.sluice.node.output.RetrievedFile;
import io.sluice.node.output.RetrievedStream;
import io.sluice.node.output.UnfinishedOutputs;
import io.sluice.node.output.WantedContent;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.OutputFile;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.DealOpening;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import io.sluice.protocol.unixfs.DagPath;
import io.sluice.protocol.unixfs.PathNotFoundException;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Buys content, and brings it to where it is wanted. */
final class Retrievals {
  private static final Logger LOG = LoggerFactory.getLogger(Retrievals.class);

  private final SluiceNode node;
  private final ConcurrentMap<String, RetrievalRun> runs = new ConcurrentHashMap<>();
  private final PeerOperations peers;
  private final UnfinishedOutputs parts;

  Retrievals(SluiceNode node) {
    this.node = node;
    this.peers = new PeerOperations(node);
    this.parts = new UnfinishedOutputs(node.home().outputs());
  }

  Reports.RetrievalReport retrieve(
      Requests.RetrieveRequest request, Consumer<Reports.ProgressReport> progress)
      throws Exception {
    checkOut(request);
    return retrieve(request, progress, Optional.empty());
  }

  /** The content goes to {@code out} as it comes in; the request's own output is only a name. */
  Reports.RetrievalReport stream(
      Requests.RetrieveRequest request,
      Consumer<Reports.ProgressReport> progress,
      WritableByteChannel out)
      throws Exception {
    return retrieve(request, progress, Optional.of(out));
  }

  private Reports.RetrievalReport retrieve(
      Requests.RetrieveRequest request,
      Consumer<Reports.ProgressReport> progress,
      Optional<WritableByteChannel> out)
      throws Exception {
    WantedContent wanted = WantedContent.of(request);
    Cid root = wanted.target().root();
    List<Multiaddr> providers = new ArrayList<>();
    for (String provider : request.providers()) {
      providers.add(peers.address(provider));
    }
    RetrievalRun run = new RetrievalRun(root, progress, node.money().known(), Ticker.SYSTEM);
    runs.put(request.token(), run);
    try {
      progress.accept(phase("asking what it costs", ""));
      var unused = node.keys().identity(); // its key is derived while the books are opened
      if (!node.store().live(ClientDeals.TABLE.name()).isEmpty()) {
        node.unlock(); // one of them may go on
      }
      for (String parked : parkedOthers(root, wanted.selector())) {
        progress.accept(phase("parked", parked));
      }
      try (NetworkUse use = node.network(Network.Mode.BUY)) {
        return retrieve(request, wanted, run, use.network(), providers, out);
      }
    } finally {
      runs.remove(request.token());
    }
  }

  private Reports.RetrievalReport retrieve(
      Requests.RetrieveRequest request,
      WantedContent wanted,
      RetrievalRun run,
      Network network,
      List<Multiaddr> providers,
      Optional<WritableByteChannel> out)
      throws Exception {
    Retrieval retrieval =
        new Retrieval(
            network.client(),
            network.priceQuery(),
            node.payments().payer(),
            node.blocks(),
            new Retrieval.RetrievalOrder(
                wanted.target().root(),
                wanted.selector(),
                providers,
                maxPrice(request),
                request.maxTotal(),
                onlyToken(request),
                node.money().known()),
            node::unlock);
    run.began(retrieval);
    if (out.isEmpty()) {
      return toFile(request, wanted, run, retrieval);
    }
    try (RetrievedStream stream =
        new RetrievedStream(node.recentBlocks().readOnce(), wanted, out.get(), run::interrupt)) {
      Retrieval.RetrievalOutcome outcome;
      try {
        outcome =
            retrieval.run(
                (charged, received) -> {
                  run.moved(charged, received);
                  stream.arrived();
                },
                run::quoted);
      } catch (ServiceException e) {
        throw stream.reasonOf(e);
      }
      return finish(request, wanted, run, outcome, stream::finish);
    }
  }

  /** The token of the limits, or the one that was asked for; empty where any may be paid in. */
  private Optional<EvmAddress> onlyToken(Requests.RetrieveRequest request) throws ServiceException {
    boolean isLimited = request.maxPricePerMiB().isPresent() || request.maxTotal().isPresent();
    return isLimited || request.paidIn().isPresent()
        ? Optional.of(node.money().token(request.paidIn()))
        : Optional.empty();
  }

  /** Where money is real, nothing is bought at a price that nobody has agreed to. */
  private Amounts maxPrice(Requests.RetrieveRequest request) throws ServiceException {
    Amounts configured = node.config().client().maxPricePerMiB();
    Optional<EvmAddress> only = onlyToken(request);
    if (only.isPresent()) {
      Optional<TokenAmount> named = request.maxPricePerMiB().or(() -> configured.of(only.get()));
      if (named.isPresent() || request.maxTotal().isPresent()) {
        return named.map(price -> Amounts.of(only.get(), price)).orElse(Amounts.NONE);
      }
    } else if (!configured.isEmpty()) {
      return configured;
    }
    return node.config().chain().isEmpty()
        ? Amounts.NONE
        : Amounts.ofEach(node.config().tokens().accepted(), TokenAmount.ZERO);
  }

  /**
   * What was written while it came gets its name only now. Where that did not work it is written
   * from the store, which says why it cannot be, or heals what could not be read.
   */
  private Reports.RetrievalReport toFile(
      Requests.RetrieveRequest request, WantedContent wanted, RetrievalRun run, Retrieval retrieval)
      throws Exception {
    Retrieval.RetrievalOutcome outcome;
    // Into a device it goes once, and only when all is here.
    boolean once = request.out().map(Path::of).filter(OutputFile::isStream).isPresent();
    try (RetrievedFile file =
        new RetrievedFile(
            node.recentBlocks().readOnce(),
            parts,
            once ? Optional.empty() : writer(request, wanted))) {
      outcome =
          retrieval.run(
              (charged, received) -> {
                run.moved(charged, received);
                file.arrived();
              },
              run::quoted);
      list(wanted, outcome);
      Optional<List<String>> leftOut = file.finish();
      if (leftOut.isPresent()) {
        return report(request, wanted, run, outcome, leftOut.get());
      }
    }
    try {
      return report(request, wanted, run, outcome, write(request, wanted));
    } catch (BlockMissingException e) {
      // What lies on the disk is only now found to be damaged; from here on it counts as missing.
      LOG.warn("{}; it is fetched again", e.getMessage());
    } catch (IOException | RuntimeException e) {
      throw bought(wanted.target(), outcome, e);
    }
    return finish(
        request, wanted, run, retrieval.run(run::moved, run::quoted), () -> write(request, wanted));
  }

  private static Reports.ProgressReport phase(String name, String note) {
    return new Reports.ProgressReport(name, 0, Optional.empty(), note);
  }

  /** What the user may have forgotten: deals that were put aside and are not gone on with now. */
  private List<String> parkedOthers(Cid root, Node selector) throws IOException {
    List<String> others = new ArrayList<>();
    for (StoredMachine machine : node.store().live(ClientDeals.TABLE.name())) {
      ClientDeal deal = ClientDeals.TABLE.data().decode(machine.data());
      boolean same = deal.order().root().equals(root) && deal.order().selector().equals(selector);
      if (machine.state().equals(ClientState.PARKED.name()) && !same) {
        others.add(
            "deal %s for %s waits until %s for its own command"
                .formatted(
                    machine.id(),
                    deal.order().root(),
                    machine
                        .changed()
                        .plus(node.config().client().parked())
                        .truncatedTo(ChronoUnit.SECONDS)));
      }
    }
    return others;
  }

  /** Before anything is paid for it. */
  private static void checkOut(Requests.RetrieveRequest request)
      throws IOException, ServiceException {
    if (request.out().isPresent()) {
      Path out = Path.of(request.out().get());
      OutputFile.check(out, request.force());
      Path folder = out.toAbsolutePath().getParent();
      if (folder == null || !Files.isDirectory(folder)) {
        throw new ServiceException(
            ErrorCode.NO_SUCH_FILE, "there is no folder %s to write to".formatted(folder));
      }
    }
  }

  /** Brings what was retrieved to where it was wanted; says what had to be left out. */
  private interface Delivery {
    List<String> run() throws Exception;
  }

  private Reports.RetrievalReport finish(
      Requests.RetrieveRequest request,
      WantedContent wanted,
      RetrievalRun run,
      Retrieval.RetrievalOutcome outcome,
      Delivery delivery)
      throws Exception {
    list(wanted, outcome);
    List<String> leftOut;
    try {
      leftOut = delivery.run();
    } catch (IOException | ServiceException | RuntimeException e) {
      throw bought(wanted.target(), outcome, e);
    }
    return report(request, wanted, run, outcome, leftOut);
  }

  /** Puts what came on the list of contents; refuses to go on with a part of it. */
  private void list(WantedContent wanted, Retrieval.RetrievalOutcome outcome)
      throws IOException, ServiceException {
    Cid root = wanted.target().root();
    boolean whole =
        outcome.complete()
            // What a part names may be all of it.
            && (wanted.isWholeRoot() || node.blocks().summarize(root).complete());
    Optional<ContentRecord> known = node.contents().find(root);
    // A part may have been bought before, and a part of what is here already may be bought now.
    if (known.isEmpty() || (whole && !known.get().complete())) {
      node.contents()
          .put(
              root,
              new ContentRecord(
                  outcome.bytes(),
                  outcome.blocks(),
                  whole,
                  known.filter(ContentRecord::imported).isPresent(),
                  known.map(ContentRecord::name).orElse("retrieved")));
    }
    if (!outcome.complete()) {
      throw new ServiceException(
          DealCode.PARTIAL,
          "the provider lacked some of %s; what came is kept and paid, another provider may have the rest"
              .formatted(root));
    }
  }

  private static Reports.RetrievalReport report(
      Requests.RetrieveRequest request,
      WantedContent wanted,
      RetrievalRun run,
      Retrieval.RetrievalOutcome outcome,
      List<String> leftOut) {
    Optional<ClientDeal> deal = outcome.bought();
    Optional<DealOpening> opening =
        deal.flatMap(ClientDeal::money).map(paying -> paying.lane().opening());
    return new Reports.RetrievalReport(
        wanted.target().root().toString(),
        outcome.deal().map(MachineId::value),
        DealOutcome.COMPLETED.name(), // any other throws
        outcome.bytes(),
        outcome.blocks(),
        run.millis(),
        run.firstByteMillis(),
        outcome.paid(),
        outcome.token().map(EvmAddress::toString),
        outcome.vouchers(),
        outcome.costs().stream()
            .map(
                cost ->
                    new Reports.DealCostReport(
                        cost.deal().value(),
                        cost.provider().toString(),
                        cost.paid(),
                        cost.vouchers()))
            .toList(),
        opening.map(taken -> taken.channel().toString()),
        opening.map(DealOpening::lane),
        deal.map(bought -> bought.order().provider().toString()),
        request.out(),
        leftOut);
  }

  /** That what was bought is here although it could not be written, and how to get at it. */
  private ServiceException bought(
      DagPath target, Retrieval.RetrievalOutcome outcome, Exception failure) {
    ServiceException fault = Faults.of(failure, "the content could not be written");
    Tokens tokens = node.money().known();
    String paid = tokens.show(outcome.paid(), outcome.token().orElse(tokens.paidIn()));
    if (failure instanceof PathNotFoundException) { // only the way there was bought
      return new ServiceException(
          fault.code(),
          "%s; %s was paid for the blocks that say so".formatted(fault.reason(), paid),
          fault);
    }
    return new ServiceException(
        fault.code(),
        "%s; %s was paid and all of it is kept here: 'sluice export %s -o OUT' writes it elsewhere, with --car its blocks as they are"
            .formatted(fault.reason(), paid, quoted(target)),
        fault);
  }

  /** As a shell reads it in one piece. */
  static String quoted(DagPath target) {
    String text = target.toString();
    return text.matches("[A-Za-z0-9/._-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }

  private List<String> write(Requests.RetrieveRequest request, WantedContent wanted)
      throws IOException {
    Optional<RetrievedFile.ContentWriter> writer = writer(request, wanted);
    return writer.isEmpty()
        ? List.of()
        : writer.get().write(node.blocks(), node.hashing(), OutputFile.PartWatch.NONE);
  }

  /** How what was asked for is written out; empty where only the store is to have it. */
  private static Optional<RetrievedFile.ContentWriter> writer(
      Requests.RetrieveRequest request, WantedContent wanted) {
    return request
        .out()
        .map(Path::of)
        .map(
            out ->
                (blocks, threads, watch) ->
                    wanted.write(blocks, threads, out, request.force(), watch));
  }

  /** The roots of all that is being retrieved right now. */
  Set<Cid> underWay() {
    return runs.values().stream().map(RetrievalRun::root).collect(Collectors.toSet());
  }

  void interrupt(String token) throws IOException, InterruptedException {
    RetrievalRun run = runs.get(token);
    if (run != null) {
      run.interrupt();
    }
  }

  Reports.DealReport cancel(StoredMachine machine) throws Exception {
    MachineId id = machine.id();
    if (machine.ended()) {
      throw new ServiceException(
          ErrorCode.DEAL_ENDED,
          "%s has ended already: %s".formatted(id, new DealReports(node).one(id.value()).state()));
    }
    node.unlock();
    try (NetworkUse use = node.network(Network.Mode.TEND)) {
      if (machine.table().equals(ClientDeals.TABLE.name())) {
        use.network().client().cancel(id);
        use.network().client().await(id, (charged, received) -> {});
      } else if (!use.network().provider().cancel(id)) {
        throw new ServiceException(ErrorCode.DEAL_ENDED, id + " has ended already");
      }
    }
    return new DealReports(node).one(id.value());
  }

  /** Pays what a deal owes that was put aside or is over. */
  Reports.DealReport pay(StoredMachine machine) throws Exception {
    MachineId id = machine.id();
    if (!machine.table().equals(ClientDeals.TABLE.name())) {
      throw new ServiceException(ErrorCode.USAGE, id + " is sold here: its client has to pay it");
    }
    node.unlock();
    try (NetworkUse use = node.network(Network.Mode.TEND)) {
      if (use.network().client().pay(id).isEmpty()) {
        throw new ServiceException(
            ErrorCode.USAGE, id + " runs, and pays by itself; 'sluice deals show' has its state");
      }
    }
    return new DealReports(node).one(id.value());
  }
}
