package io.sluice.protocol.graphsync.queue;

import io.sluice.protocol.graphsync.wire.Extensions;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsBlock;
import io.sluice.protocol.graphsync.wire.GsRequest;
import io.sluice.protocol.graphsync.wire.GsResponse;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.RequestId;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.graphsync.wire.WireVersion;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A message being filled: requests of ours, and what several responses have to say. Guarded by its
 * queue while it is filled; then the writing thread's alone.
 *
 * <p>What does not fit is told by the {@code takes…} methods, and goes into a message of its own
 * behind this one. A block stands in it once, however many responses speak of it, since readers
 * look blocks up by CID within a message. Spec: GraphSync 2.0.0, messages.
 */
final class MessageBuilder {
  // About 44 bytes each on the wire; a long run of blocks that are left out is nothing but
  // metadata.
  private static final int MAX_METADATA = 8192;

  /** What one response says. */
  private static final class Part {
    ResponseStatus status = ResponseStatus.PARTIAL;
    final List<LinkMeta> metadata = new ArrayList<>();
    final Map<String, Node> extensions = new LinkedHashMap<>();
    final List<Block> blocks = new ArrayList<>();
    long bytes;

    /**
     * Whether an extension would push out another of the same name, which then has to go in a
     * message before. Readers look for the usual name only where a special one is absent; so what
     * comes under two names may take the usual one from what also stands under a special one, as Go
     * lets a demand do with an acceptance.
     */
    private boolean conflicts(Map<String, Node> more) {
      for (Map.Entry<String, Node> entry : more.entrySet()) {
        Node said = extensions.get(entry.getKey());
        if (said != null && !said.equals(entry.getValue())) {
          boolean twice =
              extensions.entrySet().stream()
                  .anyMatch(
                      other -> !more.containsKey(other.getKey()) && other.getValue().equals(said));
          if (!twice || more.size() == 1) {
            return true;
          }
        }
      }
      return false;
    }
  }

  private final Map<RequestId, GsRequest> requests = new LinkedHashMap<>();
  private final Map<MessageAuthor, Part> parts = new LinkedHashMap<>();
  private final List<MessageAuthor> askers = new ArrayList<>();
  private final int maxBytes;
  private long bytes;
  private int metadata;

  MessageBuilder(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  boolean isEmpty() {
    return requests.isEmpty() && parts.isEmpty();
  }

  boolean takes(GsRequest request) {
    // A long list of CIDs goes alone: frames have a limit.
    boolean large = request.extensions().containsKey(Extensions.DO_NOT_SEND_CIDS);
    return isEmpty() || (!requests.containsKey(request.id()) && !large && requests.size() < 256);
  }

  void add(GsRequest request, MessageAuthor author) {
    requests.put(request.id(), request);
    askers.add(author);
  }

  boolean takesBlock(MessageAuthor author, int size) {
    // A block larger than the limit goes alone; else it could never be sent.
    return metadata < MAX_METADATA
        && (bytes == 0 || bytes + size <= maxBytes)
        && sameVersion(author);
  }

  boolean takesExtensions(MessageAuthor author, Map<String, Node> extensions) {
    Part part = parts.get(author);
    return sameVersion(author)
        && (part == null || !part.conflicts(extensions))
        && parts.size() < 256;
  }

  /** Responses to numbered requests need protocol 1.0.0, all others 2.0.0. */
  private boolean sameVersion(MessageAuthor author) {
    return parts.isEmpty()
        || parts.keySet().iterator().next().id().isNumber() == author.id().isNumber();
  }

  boolean isFor(WireVersion version) {
    return parts.isEmpty()
        || parts.keySet().iterator().next().id().isNumber() == (version == WireVersion.V1);
  }

  /** Sets the status of a response, and adds extensions to it. */
  void say(MessageAuthor author, ResponseStatus status, Map<String, Node> extensions) {
    Part part = part(author);
    part.status = status;
    part.extensions.putAll(extensions);
  }

  private Part part(MessageAuthor author) {
    return parts.computeIfAbsent(author, ignored -> new Part());
  }

  void addLink(MessageAuthor author, LinkMeta entry) {
    Part part = part(author);
    part.metadata.add(entry);
    metadata++;
    // It goes on within the same message; a reader would take the pause for the state at its end.
    if (part.status == ResponseStatus.PAUSED) {
      part.status = ResponseStatus.PARTIAL;
    }
  }

  void addBlock(MessageAuthor author, Block block) {
    Part part = part(author);
    part.blocks.add(block);
    part.bytes += block.size();
    bytes += block.size();
  }

  /** Takes back all that an author said. Returns the bytes of blocks that this frees. */
  long drop(MessageAuthor author) {
    // Its requests stay: a cancel has to go out although, and because, its author is over.
    Part part = parts.remove(author);
    if (part == null) {
      return 0;
    }
    bytes -= part.bytes;
    metadata -= part.metadata.size();
    return part.bytes;
  }

  /** Adds the authors of its responses to a set. */
  void addResponsesTo(Set<MessageAuthor> authors) {
    authors.addAll(parts.keySet());
  }

  /**
   * Takes out the responses whose authors are in the set, and tells those that they were not
   * written. Returns the bytes of blocks that this frees.
   */
  long giveUp(Set<MessageAuthor> authors, IOException cause) {
    List<MessageAuthor> lost = parts.keySet().stream().filter(authors::contains).toList();
    long freed = 0;
    for (MessageAuthor author : lost) {
      freed += drop(author);
      author.notWritten(cause);
    }
    return freed;
  }

  boolean hasResponses() {
    return !parts.isEmpty();
  }

  /** Tells all who speak in it that it has been written. */
  void written() {
    parts.forEach((author, part) -> author.written(part.status, part.blocks.size(), part.bytes));
    askers.forEach(author -> author.written(ResponseStatus.PARTIAL, 0, 0));
  }

  /** Tells all who speak in it that it will not be written. */
  void notWritten(IOException cause) {
    parts.keySet().forEach(author -> author.notWritten(cause));
    askers.forEach(author -> author.notWritten(cause));
  }

  /** Bytes of its blocks. */
  long bytes() {
    return bytes;
  }

  GraphsyncMessage build() {
    List<GsResponse> responses = new ArrayList<>(parts.size());
    List<GsBlock> blocks = new ArrayList<>();
    Set<Cid> seen = new HashSet<>();
    parts.forEach(
        (author, part) -> {
          responses.add(new GsResponse(author.id(), part.status, part.metadata, part.extensions));
          for (Block block : part.blocks) {
            if (seen.add(block.cid())) {
              blocks.add(GsBlock.of(block.cid(), block.data()));
            }
          }
        });
    return new GraphsyncMessage(List.copyOf(requests.values()), responses, blocks);
  }
}
