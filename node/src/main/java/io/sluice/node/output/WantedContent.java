package io.sluice.node.output;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.OutputFile;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockMissingException;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.DagJson;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.unixfs.ByteRange;
import io.sluice.protocol.unixfs.DagPath;
import io.sluice.protocol.unixfs.EntityBytes;
import io.sluice.protocol.unixfs.UnixFsEntry;
import io.sluice.protocol.unixfs.UnixFsExporter;
import io.sluice.protocol.unixfs.UnixFsReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/**
 * What a retrieval is to bring: the selector that says it to a provider, and the form in which it
 * is written out.
 *
 * <table>
 * <caption>What is written</caption>
 * <tr><th>part</th><th>a file</th><th>a folder</th><th>as a CAR</th></tr>
 * <tr><td>all</td><td>the file</td><td>the tree</td><td>all blocks of the target, its root</td></tr>
 * <tr><td>entity</td><td>the file, or bytes of it</td><td>a line for each entry</td><td rowspan=3>
 *   all blocks that the selector finds, those of the path too, so that it proves itself</td></tr>
 * <tr><td>block</td><td colspan=2>the block as it is</td></tr>
 * <tr><td>a selector</td><td colspan=2>nothing else</td></tr>
 * </table>
 *
 * @param target the content, perhaps with a path
 * @param part how much of it
 * @param selector what a provider is asked for
 * @param bytes the stretch of a file, if not all of it is meant
 * @param car whether blocks are written, not content
 */
public record WantedContent(
    DagPath target, Part part, Node selector, Optional<EntityBytes> bytes, boolean car) {

  /** How much of the target is meant. */
  public enum Part {
    ALL("all"),
    ENTITY("entity"),
    BLOCK("block"),
    SELECTED("");

    private final String scope;

    Part(String scope) {
      this.scope = scope;
    }

    private static Part ofScope(String scope) throws ServiceException {
      for (Part part : values()) {
        if (part != SELECTED && part.scope.equals(scope)) {
          return part;
        }
      }
      throw new ServiceException(
          ErrorCode.BAD_SCOPE,
          "'%s' is not a part of content; there are all, entity and block".formatted(scope));
    }
  }

  /** All of something. */
  public static WantedContent all(DagPath target) {
    Node selector =
        target.names().isEmpty()
            ? Selectors.exploreAll().node()
            : Selectors.unixfsPath(target.names(), Selectors.Scope.ALL).node();
    return new WantedContent(target, Part.ALL, selector, Optional.empty(), false);
  }

  /**
   * What a request asks for.
   *
   * @throws ServiceException if its parts contradict each other, or one cannot be read
   * @throws ProtocolException {@code BAD_CID}, {@code BAD_RANGE}
   */
  public static WantedContent of(Requests.RetrieveRequest request) throws ServiceException {
    return of(
        request.target(), request.selector(), request.scope(), request.bytes(), request.car());
  }

  /** What a query asks about: that of the same retrieval. */
  public static WantedContent of(Requests.QueryRequest request) throws ServiceException {
    return of(request.target(), request.selector(), request.scope(), request.bytes(), false);
  }

  private static WantedContent of(
      String content,
      Optional<String> selected,
      Optional<String> scope,
      Optional<String> range,
      boolean car)
      throws ServiceException {
    DagPath target = DagPath.parse(content);
    if (selected.isPresent()) {
      if (scope.isPresent() || range.isPresent()) {
        throw new ServiceException(
            ErrorCode.USAGE, "a selector says itself which part is meant; give no scope or bytes");
      }
      Node selector = selector(selected.get());
      return new WantedContent(target, Part.SELECTED, selector, Optional.empty(), true);
    }
    Optional<EntityBytes> bytes = range.map(EntityBytes::parse);
    Part part =
        scope.isPresent() ? Part.ofScope(scope.get()) : bytes.isPresent() ? Part.ENTITY : Part.ALL;
    if (bytes.isPresent() && part != Part.ENTITY) {
      throw new ServiceException(
          ErrorCode.BAD_SCOPE, "bytes are those of an entity; of scope " + part.scope + " none");
    }
    WantedContent all = all(target);
    Node selector =
        switch (part) {
          case ENTITY -> entity(target, bytes).node();
          case BLOCK -> Selectors.unixfsPath(target.names(), Selectors.Scope.BLOCK).node();
          default -> all.selector();
        };
    return new WantedContent(target, part, selector, bytes, car);
  }

  private static Selector entity(DagPath target, Optional<EntityBytes> bytes) {
    return bytes.isPresent()
        ? bytes.get().selector(target.names())
        : Selectors.unixfsPath(target.names(), Selectors.Scope.ENTITY);
  }

  private static Node selector(String given) throws ServiceException {
    try {
      Node selector = DagJson.decode(given);
      Selector.parse(selector);
      return selector;
    } catch (ProtocolException e) {
      throw new ServiceException(
          ErrorCode.BAD_SELECTOR, "the selector cannot be used: " + e.getMessage(), e);
    }
  }

  /** Whether it is everything beneath the root, whatever that is. */
  public boolean isWholeRoot() {
    return part == Part.ALL && target.names().isEmpty();
  }

  /**
   * Writes it to a file or a folder.
   *
   * @return what had to be left out
   */
  public List<String> write(
      BlockStore blocks,
      ExecutorService threads,
      Path out,
      boolean force,
      OutputFile.PartWatch watch)
      throws IOException {
    UnixFsReader reader = new UnixFsReader(blocks, threads);
    if (!car && isWholeEntry()) {
      Cid cid = reader.resolve(target.root(), target.names());
      if (part == Part.ALL || isFile(reader, cid)) {
        return new UnixFsExporter(reader).export(cid, out, force, watch).skipped();
      }
    }
    OutputFile.write(out, force, watch, to -> part(blocks, reader, to));
    return List.of();
  }

  private boolean isWholeEntry() {
    return part == Part.ALL || (part == Part.ENTITY && bytes.isEmpty());
  }

  /**
   * Writes it to a stream.
   *
   * @throws ServiceException if it has no form there
   */
  void stream(BlockStore blocks, ExecutorService threads, WritableByteChannel out)
      throws IOException, ServiceException {
    UnixFsReader reader = new UnixFsReader(blocks, threads);
    if (part == Part.ALL && !car) {
      Cid cid = reader.resolve(target.root(), target.names());
      ContentStream.file(reader, cid, out);
    } else {
      part(blocks, reader, out);
    }
  }

  private long part(BlockStore blocks, UnixFsReader reader, WritableByteChannel out)
      throws IOException {
    if (car && part != Part.ALL) {
      return ContentStream.selected(blocks, target.root(), selector, out);
    }
    Cid cid = reader.resolve(target.root(), target.names());
    if (car) {
      return CarForm.writeVersion1(blocks, cid, out);
    }
    if (part == Part.BLOCK || !isUnixFs(cid)) {
      return writeBlock(blocks, cid, out);
    }
    if (reader.entry(cid).kind() == UnixFsEntry.EntryKind.DIRECTORY) {
      return FolderListing.write(reader, cid, out);
    }
    return bytes.isPresent()
        ? reader.copy(cid, bytes.get(), out)
        : reader.copy(cid, ByteRange.ALL, out);
  }

  private static boolean isFile(UnixFsReader reader, Cid cid) throws IOException {
    return isUnixFs(cid) && reader.entry(cid).kind() != UnixFsEntry.EntryKind.DIRECTORY;
  }

  private static boolean isUnixFs(Cid cid) {
    return cid.codec() == Codec.DAG_PB || cid.codec() == Codec.RAW;
  }

  private static long writeBlock(BlockStore blocks, Cid cid, WritableByteChannel out)
      throws IOException {
    Block block = blocks.get(cid).orElseThrow(() -> new BlockMissingException(cid));
    ByteBuffer data = block.data();
    while (data.hasRemaining()) {
      out.write(data);
    }
    return block.size();
  }
}
