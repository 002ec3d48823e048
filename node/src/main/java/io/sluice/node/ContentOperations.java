package io.sluice.node;

import io.sluice.dealstore.blocks.DagSummary;
import io.sluice.dealstore.blocks.Reclaimed;
import io.sluice.dealstore.blocks.VerifyReport;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.car.CarExporter;
import io.sluice.protocol.car.CarImporter;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.car.CarWriter;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.LoadResult;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.ipld.Walk;
import io.sluice.protocol.ipld.WalkBudget;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.unixfs.DagPath;
import io.sluice.protocol.unixfs.ImportOptions;
import io.sluice.protocol.unixfs.UnixFsExporter;
import io.sluice.protocol.unixfs.UnixFsImporter;
import io.sluice.protocol.unixfs.UnixFsReader;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;

/** Brings content in and out, and knows what is here. */
final class ContentOperations {
  private final SluiceNode node;

  /** Imports share it, giving room back has it alone: an import counts on blocks it finds here. */
  private final ReadWriteLock bringingIn = new ReentrantReadWriteLock();

  ContentOperations(SluiceNode node) {
    this.node = node;
  }

  List<Reports.ImportReport> bringIn(Requests.ImportRequest request)
      throws IOException, ServiceException {
    if (request.inPlace() && !request.car()) {
      throw new ServiceException(
          ErrorCode.USAGE, "only CARs can be served from where they lie; add --car");
    }
    List<Reports.ImportReport> imported = new ArrayList<>();
    for (String path : request.paths()) {
      bringingIn.readLock().lock();
      try {
        for (Cid root : roots(Path.of(path), request)) {
          imported.add(listed(root, path));
        }
      } finally {
        bringingIn.readLock().unlock();
      }
    }
    return imported;
  }

  private List<Cid> roots(Path path, Requests.ImportRequest request)
      throws IOException, ServiceException {
    if (request.inPlace()) {
      return node.blocks().serveInPlace(path, node.hashing());
    }
    return request.car() ? car(path) : List.of(unixFs(path, request));
  }

  private Reports.ImportReport listed(Cid root, String path) throws IOException {
    node.blocks().sync();
    DagSummary dag = node.blocks().summarize(root);
    node.contents()
        .put(
            root,
            new ContentRecord(
                dag.bytes(),
                dag.blocks(),
                dag.complete(),
                true,
                String.valueOf(Path.of(path).getFileName())));
    return new Reports.ImportReport(
        path, root.toString(), dag.bytes(), dag.blocks(), node.prices().quote(root).isPresent());
  }

  private static ImportOptions options(Requests.ImportRequest request) throws ServiceException {
    if (request.chunk().isEmpty()) {
      return ImportOptions.DEFAULT;
    }
    try {
      return ImportOptions.DEFAULT.withChunkBytes(
          Math.clamp(request.chunk().get(), 0, Integer.MAX_VALUE));
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ErrorCode.USAGE, "" + e.getMessage(), e);
    }
  }

  private Cid unixFs(Path path, Requests.ImportRequest request)
      throws IOException, ServiceException {
    ImportOptions options = options(request);
    return new UnixFsImporter(node.blocks(), options, node.hashing()).path(path).cid();
  }

  private List<Cid> car(Path path) throws IOException {
    try (CarReader archive =
        CarReader.open(FileChannel.open(path, StandardOpenOption.READ), CarLimits.DEFAULT)) {
      return new CarImporter(node.blocks(), node.hashing()).read(archive).roots();
    }
  }

  Reports.ExportReport writeOut(Requests.ExportRequest request)
      throws IOException, ServiceException {
    DagPath target = DagPath.parse(request.target());
    Cid cid =
        new UnixFsReader(node.blocks(), node.hashing()).resolve(target.root(), target.names());
    if (!node.blocks().has(cid)) {
      throw new ServiceException(
          DealCode.NOT_FOUND, "%s is not here; retrieve it first".formatted(cid));
    }
    Path out = Path.of(request.out());
    long bytes =
        request.car() ? writeCar(cid, out, request.force()) : writeFiles(cid, out, request.force());
    return new Reports.ExportReport(cid.toString(), out.toString(), bytes);
  }

  long writeFiles(Cid cid, Path out, boolean force) throws IOException {
    return new UnixFsExporter(new UnixFsReader(node.blocks(), node.hashing()))
        .export(cid, out, force)
        .bytes();
  }

  /** All that lies beneath a root. */
  long writeCar(Cid root, Path out, boolean force) throws IOException {
    return writeArchive(
        root,
        out,
        force,
        archive ->
            new CarExporter(node.blocks())
                .write(List.of(root), CarExporter.Missing.REFUSE, archive));
  }

  /** What a selector leads to, and no more, whatever else is here. */
  long writeSelected(Cid root, Node selector, Path out, boolean force) throws IOException {
    Set<Cid> written = new HashSet<>();
    return writeArchive(
        root,
        out,
        force,
        archive -> {
          try {
            Walk.run(
                root,
                Selector.parse(selector),
                visit -> selected(visit.cid(), written, archive),
                WalkBudget.DEFAULT);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
          }
        });
  }

  private LoadResult selected(Cid cid, Set<Cid> written, CarWriter archive) throws IOException {
    Optional<Block> block = node.blocks().get(cid);
    if (block.isEmpty()) {
      return new LoadResult.Skip();
    }
    if (!cid.isIdentity() && written.add(cid)) {
      archive.write(block.get());
    }
    return new LoadResult.Loaded(block.get().data());
  }

  /** Fills an archive. */
  @FunctionalInterface
  private interface ArchiveFiller {
    void fill(CarWriter archive) throws IOException;
  }

  /** Written beside and moved, so that a file of that name is whole or not there. */
  private static long writeArchive(Cid root, Path out, boolean force, ArchiveFiller filler)
      throws IOException {
    if (Files.exists(out) && (!force || Files.isDirectory(out))) {
      throw new FileAlreadyExistsException(out.toString());
    }
    Path fresh = out.resolveSibling(out.getFileName() + ".part");
    try {
      try (FileChannel file =
              FileChannel.open(
                  fresh,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE);
          CarWriter archive = CarWriter.v1(file, List.of(root))) {
        filler.fill(archive);
      }
      Files.move(fresh, out, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
    return Files.size(out);
  }

  List<Reports.ContentReport> all() throws IOException {
    List<Reports.ContentReport> contents = new ArrayList<>();
    for (Map.Entry<Cid, ContentRecord> entry : node.contents().all().entrySet()) {
      contents.add(report(entry.getKey(), entry.getValue()));
    }
    return contents;
  }

  /** One root, counted anew: blocks may have come or gone since it was brought in. */
  Reports.ContentReport one(String text) throws IOException, ServiceException {
    Cid cid = Cid.parse(text);
    Optional<ContentRecord> known = node.contents().find(cid);
    if (known.isEmpty() && !node.blocks().has(cid)) {
      throw notHere(cid);
    }
    DagSummary dag = node.blocks().summarize(cid);
    return report(
        cid,
        new ContentRecord(
            dag.bytes(),
            dag.blocks(),
            dag.complete(),
            known.filter(ContentRecord::imported).isPresent(),
            known.map(ContentRecord::name).orElse("")));
  }

  private Reports.ContentReport report(Cid cid, ContentRecord record) throws IOException {
    return new Reports.ContentReport(
        cid.toString(),
        record.size(),
        record.blocks(),
        record.complete(),
        record.imported()
            ? node.prices().quote(cid).map(ContentOperations::price)
            : Optional.empty(),
        record.name(),
        node.offered().isDamaged(cid));
  }

  static Reports.PriceReport price(Terms terms) {
    return new Reports.PriceReport(
        terms.pricePerMiB(),
        terms.fee(),
        terms.interval(),
        terms.intervalIncrease(),
        terms.intervalMax());
  }

  void forget(String text) throws IOException, ServiceException {
    Cid cid = Cid.parse(text);
    if (node.contents().find(cid).isEmpty() && !held(Set::of).leftovers().contains(cid)) {
      throw notHere(cid);
    }
    node.offered().withdraw(cid); // first: from here on nothing is sold because it is still here
    node.contents().remove(cid, node.clock().instant());
  }

  /** Denies a CID or a peer; of a peer the running deals end, too. */
  Reports.DenyReport deny(String text) throws IOException, ServiceException {
    Reports.DenyReport denied = node.denied().add(text);
    if (denied.kind().equals(DenyList.PEER)) {
      node.joined().ifPresent(network -> network.shutOut(PeerId.parse(denied.name())));
    }
    return denied;
  }

  /**
   * Gives back the room of blocks that nothing needs; waits for imports under way.
   *
   * @param retrievals roots of retrievals under way, asked for again and again
   */
  Reports.GarbageReport collect(Supplier<Set<Cid>> retrievals) throws IOException {
    bringingIn.writeLock().lock();
    try {
      Reclaimed freed = node.blocks().reclaim(held(retrievals));
      node.offered().collected();
      return new Reports.GarbageReport(freed.bytes(), freed.blocks());
    } finally {
      bringingIn.writeLock().unlock();
    }
  }

  private HeldRoots held(Supplier<Set<Cid>> retrievals) throws IOException {
    return new HeldRoots(node.store(), node.contents(), retrievals);
  }

  private static ServiceException notHere(Cid cid) {
    return new ServiceException(
        DealCode.NOT_FOUND, "%s is not here; 'sluice ls' shows what is".formatted(cid));
  }

  Reports.VerificationReport verify(Optional<String> text) throws IOException, ServiceException {
    VerifyReport report;
    if (text.isPresent()) {
      Cid cid = Cid.parse(text.get());
      if (node.contents().find(cid).isEmpty() && !node.blocks().has(cid)) {
        throw notHere(cid);
      }
      report = node.blocks().verify(cid, node.hashing());
    } else {
      report = node.blocks().verify(node.hashing());
    }
    if (!report.lost().isEmpty()) {
      throw new ServiceException(
          DealCode.VERIFICATION_FAILED,
          "%s is gone or was changed since it was imported in place; import it again, or remove its roots and run 'sluice gc'"
              .formatted(report.lost().getFirst()));
    }
    if (!report.sound()) {
      throw new ServiceException(
          DealCode.VERIFICATION_FAILED,
          "%s damaged and %d missing, first %s; bring the content in again"
              .formatted(
                  report.faults().size() == 1
                      ? "1 block is"
                      : report.faults().size() + " blocks are",
                  report.missing().size(),
                  report.faults().isEmpty()
                      ? report.missing().getFirst()
                      : report.faults().getFirst()));
    }
    return new Reports.VerificationReport(report.blocks(), report.bytes(), List.of());
  }
}
