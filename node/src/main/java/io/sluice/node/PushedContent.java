package io.sluice.node;

import io.sluice.dealstore.blocks.DagSummary;
import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.Quantities;
import io.sluice.node.content.ContentRecord;
import io.sluice.node.transfer.Receiving;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Who may push to this node, and what was pushed: documents of the deal store. What came with a pin
 * is listed, and stays until it is removed; the rest stays until room is made by {@code gc}.
 *
 * @param node has the store
 */
record PushedContent(SluiceNode node) implements Receiving {
  private static final String RULES = "receive";
  private static final String RECEIVED = "received";

  private record Rule(Optional<Long> max, boolean pin) {
    static final MapCodec<Rule> CODEC =
        MapCodec.of(
            f ->
                new Rule(
                    f.find("Max", NodeCodec.LONG, Rule::max),
                    f.get("Pin", NodeCodec.BOOL, Rule::pin)));
  }

  private record Received(String from, long bytes) {
    static final MapCodec<Received> CODEC =
        MapCodec.of(
            f ->
                new Received(
                    f.get("From", NodeCodec.TEXT, Received::from),
                    f.get("Bytes", NodeCodec.LONG, Received::bytes)));
  }

  // ---- who may

  List<Reports.ReceiveReport> rules() throws IOException {
    return node.store().documents(RULES).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(entry -> report(entry.getKey(), Rule.CODEC.decode(entry.getValue())))
        .toList();
  }

  Reports.ReceiveReport allow(Requests.ReceiveRequest request)
      throws IOException, ServiceException {
    String peer = peer(request.peer()).toString();
    if (request.max().filter(max -> max <= 0).isPresent()) {
      throw new ServiceException(ErrorCode.BAD_SIZE, "--max has to be 1 byte at least");
    }
    Rule rule = new Rule(request.max(), request.pin());
    node.store().putDocument(RULES, peer, Rule.CODEC.encode(rule));
    return report(peer, rule);
  }

  void refuse(String text) throws IOException, ServiceException {
    String peer = peer(text).toString();
    if (node.store().document(RULES, peer).isEmpty()) {
      throw new ServiceException(
          ErrorCode.NOT_ALLOWED,
          "%s may not push anyway; 'sluice receive ls' lists who may".formatted(peer));
    }
    node.store().removeDocument(RULES, peer);
  }

  private static Reports.ReceiveReport report(String peer, Rule rule) {
    return new Reports.ReceiveReport(peer, rule.max(), rule.pin());
  }

  private static PeerId peer(String text) throws ServiceException {
    try {
      return PeerId.parse(text);
    } catch (ProtocolException e) {
      throw new ServiceException(
          ErrorCode.BAD_ADDRESS, "'%s' is not a valid peer id".formatted(text), e);
    }
  }

  private Optional<Rule> stored(PeerId peer) throws IOException {
    return node.store().document(RULES, peer.toString()).map(Rule.CODEC::decode);
  }

  /** Whether what somebody pushes is kept until it is removed; of who is no peer, it is not. */
  boolean pinsOf(String name) throws IOException {
    return node.store().document(RULES, name).map(Rule.CODEC::decode).filter(Rule::pin).isPresent();
  }

  /** Denied peers may nothing. */
  @Override
  public Optional<ReceiveRule> rule(PeerId peer) throws IOException {
    Optional<Rule> rule = node.denied().denies(peer) ? Optional.empty() : stored(peer);
    if (rule.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new ReceiveRule(rule.get().max().map(OptionalLong::of).orElse(OptionalLong.empty())));
  }

  // ---- what came

  /** Room that earlier pushes take, those that are still here. */
  private long taken() throws IOException {
    long sum = 0;
    for (Map.Entry<String, Node> entry : node.store().documents(RECEIVED).entrySet()) {
      if (node.blocks().has(Cid.parse(entry.getKey()))) {
        sum += Received.CODEC.decode(entry.getValue()).bytes();
      } else {
        node.store().removeDocument(RECEIVED, entry.getKey());
      }
    }
    return sum;
  }

  /** Bytes that neighbours may bring: what others bring by pushes takes from the same. */
  long roomForNeighbours() throws IOException {
    long left = node.config().receiveQuota() - taken() - node.pulledBytes().now();
    return Math.max(0, Math.min(left, node.blocks().roomLeft()));
  }

  @Override
  public Optional<String> lacksRoom(long arriving, long claimed) throws IOException {
    if (taken() + node.pulledBytes().lately() + arriving + claimed > node.config().receiveQuota()) {
      return Optional.of(
          "it is more than receive.quota leaves, which is %s in all"
              .formatted(Quantities.show(node.config().receiveQuota())));
    }
    return claimed > 0 && node.blocks().roomLeft() < claimed
        ? Optional.of("there is no room for " + Quantities.show(claimed))
        : Optional.empty();
  }

  @Override
  public BlockStore store() throws IOException {
    return node.blocks();
  }

  @Override
  public void received(PeerId from, Cid root) throws IOException {
    keep(from.toString(), root, node.blocks().summarize(root), pinsOf(from.toString()));
  }

  /** Notes what came, whoever sent it, and lists it if it is to stay. */
  void keep(String from, Cid root, DagSummary dag, boolean pinned) throws IOException {
    Received came = new Received(from, dag.bytes());
    node.store().putDocument(RECEIVED, root.toString(), Received.CODEC.encode(came));
    if (pinned && node.contents().find(root).isEmpty()) {
      node.contents()
          .put(
              root,
              new ContentRecord(
                  dag.bytes(), dag.blocks(), dag.complete(), false, "pushed by " + from));
    }
  }
}
