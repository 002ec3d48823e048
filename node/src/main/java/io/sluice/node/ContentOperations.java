package io.sluice.node;

import io.sluice.dealstore.blocks.DagSummary;
import io.sluice.dealstore.blocks.NeededRoots;
import io.sluice.dealstore.blocks.Reclaimed;
import io.sluice.dealstore.blocks.VerifyReport;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.content.ContentRecord;
import io.sluice.node.content.DenyList;
import io.sluice.node.output.CarForm;
import io.sluice.node.output.ContentStream;
import io.sluice.node.output.FolderListing;
import io.sluice.node.pricing.PriceTag;
import io.sluice.protocol.OutputFile;
import io.sluice.protocol.car.CarImporter;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Terms;
import io.sluice.protocol.unixfs.DagPath;
import io.sluice.protocol.unixfs.Exported;
import io.sluice.protocol.unixfs.ImportOptions;
import io.sluice.protocol.unixfs.UnixFsExporter;
import io.sluice.protocol.unixfs.UnixFsImporter;
import io.sluice.protocol.unixfs.UnixFsReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Brings content in and out, and knows what is here. */
final class ContentOperations {
  private final SluiceNode node;

  ContentOperations(SluiceNode node) {
    this.node = node;
  }

  List<Reports.ImportReport> bringIn(Requests.ImportRequest request)
      throws IOException, ServiceException {
    if (request.inPlace() && !request.car()) {
      throw new ServiceException(
          ErrorCode.USAGE, "only CARs can be served from where they lie; add --car");
    }
    if (request.car() && (request.preserveMode() || request.preserveMtime())) {
      throw new ServiceException(
          ErrorCode.USAGE, "the blocks of a CAR are taken as they are; nothing is put beside them");
    }
    if (request.car() && request.cidVersion().isPresent()) {
      throw new ServiceException(
          ErrorCode.USAGE, "the blocks of a CAR are taken as they are; their CIDs stand in it");
    }
    if (request.name().isPresent() && request.paths().size() != 1) {
      throw new ServiceException(ErrorCode.USAGE, "a name is for one path only");
    }
    try {
      List<Reports.ImportReport> imported = new ArrayList<>();
      for (String path : request.paths()) {
        node.bringingIn().readLock().lock();
        try {
          imported.addAll(bringIn(path, request));
        } finally {
          node.bringingIn().readLock().unlock();
        }
      }
      return imported;
    } finally {
      countAgain(); // once for all paths: it looks at everything that is listed
    }
  }

  private List<Reports.ImportReport> bringIn(String text, Requests.ImportRequest request)
      throws IOException, ServiceException {
    Path path = Path.of(text);
    String name = request.name().orElse(String.valueOf(path.getFileName()));
    List<Reports.ImportReport> imported = new ArrayList<>();
    for (Cid root : roots(path, request)) {
      imported.add(listed(root, text, name));
    }
    return imported;
  }

  private List<Cid> roots(Path path, Requests.ImportRequest request)
      throws IOException, ServiceException {
    if (!request.car()) {
      return List.of(unixFs(path, request));
    }
    try (CarReader archive =
        CarReader.open(FileChannel.open(path, StandardOpenOption.READ), CarLimits.DEFAULT)) {
      if (archive.roots().isEmpty()) {
        throw new ServiceException(
            ErrorCode.BAD_CAR,
            "%s has no roots, so none of it could be listed or found again; nothing was imported"
                .formatted(path));
      }
      return request.inPlace()
          ? node.blocks().serveInPlace(path, node.hashing())
          : new CarImporter(node.blocks(), node.hashing()).read(archive).roots();
    }
  }

  private Reports.ImportReport listed(Cid root, String path, String name) throws IOException {
    node.blocks().sync();
    ContentRecord record = counted(root, true, name);
    node.contents().put(root, record);
    return new Reports.ImportReport(
        path,
        root.toString(),
        record.size(),
        record.blocks(),
        node.prices().quote(root).isPresent(),
        record.complete());
  }

  private ContentRecord counted(Cid root, boolean imported, String name) throws IOException {
    DagSummary dag = node.blocks().summarize(root);
    return new ContentRecord(dag.bytes(), dag.blocks(), dag.complete(), imported, name);
  }

  /** What was imported in part may be whole by what came now. */
  private void countAgain() throws IOException {
    for (Map.Entry<Cid, ContentRecord> entry : node.contents().all().entrySet()) {
      ContentRecord before = entry.getValue();
      if (before.imported() && !before.complete()) {
        ContentRecord now = counted(entry.getKey(), true, before.name());
        if (!now.equals(before)) { // each is a sync of the journal
          node.contents().put(entry.getKey(), now);
        }
      }
    }
  }

  private static ImportOptions options(Requests.ImportRequest request) throws ServiceException {
    ImportOptions usual = ImportOptions.DEFAULT;
    try {
      return new ImportOptions(
          Math.clamp(request.chunk().orElse((long) usual.chunkBytes()), 0, Integer.MAX_VALUE),
          usual.linksPerNode(),
          Math.clamp(request.cidVersion().orElse((long) usual.cidVersion()), -1, Integer.MAX_VALUE),
          request.preserveMode(),
          request.preserveMtime());
    } catch (IllegalArgumentException e) {
      throw new ServiceException(ErrorCode.USAGE, "" + e.getMessage(), e);
    }
  }

  private Cid unixFs(Path path, Requests.ImportRequest request)
      throws IOException, ServiceException {
    ImportOptions options = options(request);
    return new UnixFsImporter(node.blocks(), options, node.hashing()).path(path).cid();
  }

  Reports.ExportReport writeOut(Requests.ExportRequest request)
      throws IOException, ServiceException {
    Path out = Path.of(request.out());
    CarForm form = CarForm.of(request, !OutputFile.isStream(out));
    Cid cid = here(request.target());
    Exported written =
        request.car()
            ? writeCar(cid, form, out, request.force())
            : writeFiles(cid, out, request.force());
    return new Reports.ExportReport(
        cid.toString(), out.toString(), written.bytes(), written.skipped());
  }

  Reports.ExportReport stream(Requests.ExportRequest request, WritableByteChannel out)
      throws IOException, ServiceException {
    CarForm.of(request, false);
    Cid cid = here(request.target());
    long bytes =
        request.car()
            ? CarForm.writeVersion1(node.blocks(), cid, out)
            : ContentStream.file(new UnixFsReader(node.blocks(), node.hashing()), cid, out);
    return new Reports.ExportReport(cid.toString(), request.out(), bytes, List.of());
  }

  Reports.ListingReport list(Requests.ListRequest request, WritableByteChannel out)
      throws IOException, ServiceException {
    Cid folder = here(request.target());
    UnixFsReader reader = new UnixFsReader(node.blocks(), node.hashing());
    return new Reports.ListingReport(
        folder.toString(),
        FolderListing.writeJson(
            reader, folder, out, cid -> request.details() && node.blocks().has(cid)));
  }

  private Cid here(String text) throws IOException, ServiceException {
    DagPath target = DagPath.parse(text);
    Cid cid =
        new UnixFsReader(node.blocks(), node.hashing()).resolve(target.root(), target.names());
    if (!node.blocks().has(cid)) {
      throw new ServiceException(
          DealCode.NOT_FOUND, "%s is not here; retrieve it first".formatted(cid));
    }
    return cid;
  }

  private Exported writeFiles(Cid cid, Path out, boolean force) throws IOException {
    return new UnixFsExporter(new UnixFsReader(node.blocks(), node.hashing()))
        .export(cid, out, force);
  }

  private Exported writeCar(Cid root, CarForm form, Path out, boolean force) throws IOException {
    long bytes = OutputFile.write(out, force, file -> form.write(node.blocks(), root, file));
    return new Exported(1, bytes, List.of());
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
    Cid cid = DagPath.parseRoot(text);
    Optional<ContentRecord> known = node.contents().find(cid);
    if (known.isEmpty() && !node.blocks().has(cid)) {
      throw notHere(cid);
    }
    return report(
        cid,
        counted(
            cid,
            known.filter(ContentRecord::imported).isPresent(),
            known.map(ContentRecord::name).orElse("")));
  }

  private Reports.ContentReport report(Cid cid, ContentRecord record) throws IOException {
    List<Reports.PriceReport> prices =
        record.imported()
            ? node.prices().quote(cid).map(this::prices).orElse(List.of())
            : List.of();
    return new Reports.ContentReport(
        cid.toString(),
        record.size(),
        record.blocks(),
        record.complete(),
        prices.stream().findFirst(),
        prices,
        record.name(),
        node.offered().isDamaged(cid),
        node.denied().denies(cid));
  }

  /** The offers, best first. */
  private List<Reports.PriceReport> prices(PriceTag tag) {
    return tag.isFree()
        ? tag.byToken().entrySet().stream()
            .map(free -> price(free.getKey(), free.getValue()))
            .toList()
        : node.config().tokens().accepted().stream()
            .flatMap(token -> tag.in(token).map(terms -> price(token, terms)).stream())
            .toList();
  }

  static Reports.PriceReport price(EvmAddress token, Terms terms) {
    return new Reports.PriceReport(
        Optional.of(token.toString()),
        terms.pricePerMiB(),
        terms.fee(),
        terms.interval(),
        terms.intervalIncrease(),
        terms.intervalMax());
  }

  void forget(String text) throws IOException, ServiceException {
    Cid cid = DagPath.parseRoot(text);
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
    node.bringingIn().writeLock().lock();
    try {
      // What comes while it runs stays anyway.
      long keptFrom = node.numbers().unclaimed().first();
      Reclaimed freed = node.blocks().reclaim(new KeptContent(node, held(retrievals), keptFrom));
      node.offered().collected();
      return new Reports.GarbageReport(freed.bytes(), freed.blocks());
    } finally {
      node.bringingIn().writeLock().unlock();
    }
  }

  /**
   * All that stays when room is given back: the held roots, blocks of pushes under way, and what
   * came from neighbours and is claimed by no root yet.
   *
   * @param node knows what is under way
   * @param held roots of what is not
   * @param keptFrom number from which on what came is claimed by no root yet
   */
  private record KeptContent(SluiceNode node, NeededRoots held, long keptFrom)
      implements NeededRoots {
    @Override
    public Set<Cid> now() throws IOException {
      Set<Cid> roots = new HashSet<>(node.pushedBlocks());
      roots.addAll(held.now()); // listed before a push ends
      return roots;
    }
  }

  private HeldRoots held(Supplier<Set<Cid>> retrievals) throws IOException {
    return new HeldRoots(node.store(), node.contents(), retrievals);
  }

  private static ServiceException notHere(Cid cid) {
    return new ServiceException(
        DealCode.NOT_FOUND, "%s is not here; 'sluice ls' shows what is".formatted(cid));
  }

  private static String lacking(List<Cid> blocks, String how) {
    return switch (blocks.size()) {
      case 0 -> "";
      case 1 -> "the block %s is %s".formatted(blocks.getFirst(), how);
      default -> "%d blocks are %s, first %s".formatted(blocks.size(), how, blocks.getFirst());
    };
  }

  Reports.VerificationReport verify(Optional<String> text) throws IOException, ServiceException {
    VerifyReport report;
    if (text.isPresent()) {
      Cid cid = DagPath.parseRoot(text.get());
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
          Stream.of(lacking(report.damaged(), "damaged"), lacking(report.missing(), "missing"))
              .filter(found -> !found.isEmpty())
              .collect(Collectors.joining(" and ", "", "; import or retrieve the content again")));
    }
    return new Reports.VerificationReport(report.blocks(), report.bytes(), List.of());
  }
}
