package io.sluice.node.content;

import io.sluice.dealstore.DealStore;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What is never served, and who is not: documents of the deal store, held in memory as well, since
 * every block that goes out is looked up here. A CID stands for its block, whatever its version.
 * Changes are durable when they return, and hold at once.
 */
public final class DenyList {
  /** What is said of an entry that is a peer. */
  public static final String PEER = "peer";

  private static final String CID = "cid";
  private static final String COLLECTION = "deny";

  private final DealStore store;
  private final Set<Multihash> blocks = ConcurrentHashMap.newKeySet();
  private final Set<PeerId> peers = ConcurrentHashMap.newKeySet();

  /** Reads the list from a store. */
  public DenyList(DealStore store) {
    this.store = store;
    for (Map.Entry<String, Node> entry : store.documents(COLLECTION).entrySet()) {
      if (entry.getValue().asText().equals(PEER)) {
        peers.add(PeerId.parse(entry.getKey()));
      } else {
        blocks.add(Cid.parse(entry.getKey()).hash());
      }
    }
  }

  /** Whether a block is never served. */
  public boolean denies(Cid cid) {
    return !blocks.isEmpty() && blocks.contains(cid.hash());
  }

  /** Some blocks without those that are denied, at any moment. */
  public BlockStore served(BlockStore blocks) {
    return new ServedBlocks(blocks, this);
  }

  /** Whether a peer is not served. */
  public boolean denies(PeerId peer) {
    return peers.contains(peer);
  }

  /** All of it, by its texts. */
  public List<Reports.DenyReport> all() {
    return store.documents(COLLECTION).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(entry -> new Reports.DenyReport(entry.getValue().asText(), entry.getKey()))
        .toList();
  }

  /** Adds a CID or a peer. */
  public Reports.DenyReport add(String text) throws IOException, ServiceException {
    switch (parse(text)) {
      case PeerId peer -> {
        store.putDocument(COLLECTION, peer.toString(), Node.of(PEER));
        peers.add(peer);
        return new Reports.DenyReport(PEER, peer.toString());
      }
      case Cid cid -> {
        remove(cid); // it may stand there with another version
        store.putDocument(COLLECTION, cid.toString(), Node.of(CID));
        blocks.add(cid.hash());
        return new Reports.DenyReport(CID, cid.toString());
      }
      default -> throw new IllegalStateException("neither a peer nor a CID: " + text);
    }
  }

  /** Takes a CID or a peer off the list; {@code NOT_DENIED} if it is not there. */
  public void remove(String text) throws IOException, ServiceException {
    boolean there =
        switch (parse(text)) {
          case PeerId peer -> {
            store.removeDocument(COLLECTION, peer.toString());
            yield peers.remove(peer);
          }
          case Cid cid -> remove(cid);
          default -> false;
        };
    if (!there) {
      throw new ServiceException(
          ErrorCode.NOT_DENIED, "%s is not denied; 'sluice deny ls' lists what is".formatted(text));
    }
  }

  private boolean remove(Cid cid) throws IOException {
    for (Map.Entry<String, Node> entry : store.documents(COLLECTION).entrySet()) {
      if (entry.getValue().asText().equals(CID)
          && Cid.parse(entry.getKey()).hash().equals(cid.hash())) {
        store.removeDocument(COLLECTION, entry.getKey());
      }
    }
    return blocks.remove(cid.hash());
  }

  /** A peer id of old looks like a CID of version 0, so only its own kinds are taken for one. */
  private static Object parse(String text) throws ServiceException {
    try {
      Cid cid = text.startsWith("12D3") || text.startsWith("16Ui") ? null : Cid.parse(text);
      return cid == null || cid.codec() == Codec.LIBP2P_KEY ? PeerId.parse(text) : cid;
    } catch (ProtocolException e) {
      throw new ServiceException(
          ErrorCode.BAD_CID, "'%s' is neither a CID nor a peer id".formatted(text), e);
    }
  }
}
