package io.sluice.node;

import io.sluice.node.pricing.PriceList;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.Links;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.CidSet;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.retrieval.Terms;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The gate of reading without a deal. A block may be read if it lies beneath a root that may be:
 * one that is given away by the price list, or, for those who were granted to read, any that is
 * listed. What is denied may be read by nobody. So nothing that is sold gets out by a side door,
 * and neither does what is merely still on the disk.
 *
 * <p>What lies beneath a root is found by a walk and kept for a while, of as many blocks as is
 * bounded; a DAG does not change under its root. One walk at a time: strangers can ask for it.
 */
final class ReadableContent {
  private static final Logger LOG = LoggerFactory.getLogger(ReadableContent.class);
  private static final float LOAD = 0.75f;

  /** Of all walks that are kept; about 40 bytes each. */
  private static final int MOST_BLOCKS = 1_000_000;

  private final Contents contents;
  private final PriceList prices;
  private final DenyList denied;
  private final BlockStore blocks;

  /** What lies beneath roots, those last asked for last; guarded by this. */
  private final Map<Cid, CidSet> beneath = new LinkedHashMap<>(16, LOAD, true);

  private long kept;

  ReadableContent(Contents contents, PriceList prices, DenyList denied, BlockStore blocks) {
    this.contents = contents;
    this.prices = prices;
    this.denied = denied;
    this.blocks = blocks;
  }

  /**
   * Why some of these may not be read: of the first that may not, its terms.
   *
   * @param granted whether the reader need not pay
   */
  Optional<String> objection(List<Cid> wanted, boolean granted) throws IOException {
    for (Cid cid : wanted) {
      if (denied.denies(cid)) {
        return Optional.of(cid + " is not served");
      }
    }
    List<Cid> left = new ArrayList<>(wanted);
    left.removeIf(Cid::isIdentity); // everybody has it
    for (Cid root : roots(left, granted)) {
      if (left.isEmpty()) {
        break;
      }
      removeBeneath(root, left);
    }
    return left.isEmpty() ? Optional.empty() : Optional.of(terms(left.getFirst()));
  }

  /** Those that may be read, and of them first what is asked for itself, or was walked before. */
  private List<Cid> roots(List<Cid> wanted, boolean granted) {
    List<Cid> readable = new ArrayList<>();
    for (Map.Entry<Cid, ContentRecord> entry : contents.all().entrySet()) {
      Cid root = entry.getKey();
      boolean free =
          entry.getValue().imported() && prices.quote(root).filter(Terms::isFree).isPresent();
      if ((granted || free) && !denied.denies(root)) {
        readable.add(root);
      }
    }
    Optional<Cid> first = wanted.isEmpty() ? Optional.empty() : Optional.of(wanted.getFirst());
    readable.sort(
        Comparator.comparingInt(
            root -> first.filter(root::equals).isPresent() ? 0 : isKept(root) ? 1 : 2));
    return readable;
  }

  private synchronized boolean isKept(Cid root) {
    return beneath.containsKey(root);
  }

  private synchronized void removeBeneath(Cid root, List<Cid> wanted) throws IOException {
    wanted.removeIf(cid -> cid.hash().equals(root.hash())); // of whatever version
    if (wanted.isEmpty()) {
      return;
    }
    CidSet set = beneath.get(root);
    if (set == null) {
      set = new CidSet();
      if (walk(root, set)) {
        beneath.put(root, set);
        kept += set.size();
      }
      Iterator<CidSet> eldest = beneath.values().iterator();
      while (kept > MOST_BLOCKS && beneath.size() > 1) {
        kept -= eldest.next().size();
        eldest.remove();
      }
    }
    wanted.removeIf(set::contains);
  }

  /** Whether all of it is here, so that there will be no more of it. */
  private boolean walk(Cid root, CidSet seen) throws IOException {
    boolean whole = true;
    Deque<Cid> ahead = new ArrayDeque<>();
    seen.add(root);
    ahead.push(root);
    while (!ahead.isEmpty()) {
      Cid cid = ahead.pop();
      if (cid.codec() == Codec.RAW) {
        continue;
      }
      Optional<Block> block = blocks.get(cid);
      whole &= block.isPresent();
      if (block.isPresent()) {
        for (Cid link : links(block.get())) {
          if (seen.add(link)) {
            ahead.push(link);
          }
        }
      }
    }
    return whole;
  }

  /** A block that is not of its codec leads nowhere. */
  private static List<Cid> links(Block block) {
    try {
      return Links.of(block);
    } catch (ProtocolException e) {
      LOG.debug("{} has no links that can be read: {}", block.cid(), e.getMessage());
      return List.of();
    }
  }

  private String terms(Cid cid) {
    return prices
        .quote(cid)
        .filter(terms -> !terms.isFree())
        .map(
            terms ->
                "%s is sold: %s per MiB, fee %s; buy it by a retrieval, or ask for a grant"
                    .formatted(cid, terms.pricePerMiB(), terms.fee()))
        .orElse(cid + " is not offered here");
  }
}
