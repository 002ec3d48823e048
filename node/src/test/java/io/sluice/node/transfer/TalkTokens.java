package io.sluice.node.transfer;

import io.sluice.protocol.datatransfer.ChannelId;
import io.sluice.protocol.datatransfer.MessageType;
import io.sluice.protocol.datatransfer.TransferCodec;
import io.sluice.protocol.datatransfer.TransferExtensions;
import io.sluice.protocol.datatransfer.TransferMessage;
import io.sluice.protocol.datatransfer.TransferRequest;
import io.sluice.protocol.datatransfer.TransferResponse;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.graphsync.wire.Extensions;
import io.sluice.protocol.graphsync.wire.GraphsyncMessage;
import io.sluice.protocol.graphsync.wire.GsBlock;
import io.sluice.protocol.graphsync.wire.GsRequest;
import io.sluice.protocol.graphsync.wire.GsResponse;
import io.sluice.protocol.graphsync.wire.LinkMeta;
import io.sluice.protocol.graphsync.wire.RequestKind;
import io.sluice.protocol.graphsync.wire.ResponseStatus;
import io.sluice.protocol.ipld.DagJson;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What messages say, without ids, numbers and the way in which it is spread over messages: those
 * are each peer's own.
 */
final class TalkTokens {
  private TalkTokens() {}

  static List<String> of(GraphsyncMessage message) {
    List<String> tokens = new ArrayList<>();
    for (GsRequest request : message.requests()) {
      if (request.kind() == RequestKind.NEW) {
        tokens.add(
            "n "
                + String.join(" ", said(request.extensions()))
                + " skip "
                + Extensions.skipFirst(request.extensions()).orElse(0));
      } else {
        tokens.add(request.kind() == RequestKind.CANCEL ? "c" : "u");
      }
    }
    Set<Cid> bodies =
        message.blocks().stream().map(GsBlock::cid).collect(Collectors.toCollection(HashSet::new));
    for (GsResponse response : message.responses()) {
      List<String> words = said(response.extensions());
      // Answers go ahead of any block, in a message of their own or not.
      words.stream().filter(word -> !word.startsWith("[out]")).forEach(tokens::add);
      for (LinkMeta link : response.metadata()) {
        String body = bodies.remove(link.link()) ? " with its block" : "";
        tokens.add(link.action() + " " + link.link() + body);
      }
      words.stream().filter(word -> word.startsWith("[out]")).forEach(tokens::add);
      if (response.status() != ResponseStatus.PARTIAL) {
        tokens.add(response.status().name());
      }
    }
    return tokens;
  }

  /** A message that stands under two names counts once, under the one that says more. */
  private static List<String> said(Map<String, Node> extensions) {
    Map<String, String> names = new LinkedHashMap<>();
    names.put(TransferExtensions.INCOMING_REQUEST, "[in] ");
    names.put(TransferExtensions.OUTGOING_BLOCK, "[out] ");
    names.put(TransferExtensions.PLAIN, "[1.1] ");
    Map<String, String> words = new LinkedHashMap<>();
    names.forEach(
        (name, shown) -> {
          if (extensions.containsKey(name)) {
            String said = of(TransferCodec.fromNode(extensions.get(name)));
            words.putIfAbsent(said, shown + said);
          }
        });
    return List.copyOf(words.values());
  }

  static String of(TransferMessage message) {
    return switch (message) {
      case TransferRequest request ->
          "Rq "
              + request.type()
              + (request.paused() ? " P" : "")
              + request.voucher().map(TalkTokens::of).orElse("");
      case TransferResponse response ->
          "Rs "
              + response.type()
              + (response.accepted() || meansNothing(response.type()) ? " A" : " a")
              + (response.paused() ? " P" : " p")
              + response.result().map(TalkTokens::of).orElse("");
    };
  }

  private static boolean meansNothing(MessageType type) {
    return type == MessageType.UPDATE || type == MessageType.CANCEL;
  }

  private static String of(TypedVoucher voucher) {
    return " "
        + voucher.type()
        + " "
        + new String(DagJson.encode(voucher.value()), StandardCharsets.UTF_8);
  }

  /** The message with another transfer number, and with other ends where it names a channel. */
  static TransferMessage renumbered(TransferMessage message, ChannelId as) {
    return switch (message) {
      case TransferRequest request when request.type() == MessageType.RESTART_EXISTING ->
          TransferRequest.restartExisting(as);
      case TransferRequest request ->
          new TransferRequest(
              request.type(),
              request.baseCid(),
              request.paused(),
              request.partial(),
              request.pull(),
              request.selector(),
              request.voucher(),
              as.transfer(),
              request.restart());
      case TransferResponse response ->
          new TransferResponse(
              response.type(),
              response.accepted(),
              response.paused(),
              as.transfer(),
              response.result());
    };
  }

  static Map<String, Node> renumbered(Map<String, Node> extensions, ChannelId as) {
    Map<String, Node> own = new LinkedHashMap<>();
    extensions.forEach(
        (name, node) ->
            own.put(
                name,
                name.startsWith("fil/data-transfer")
                    ? TransferCodec.toNode(renumbered(TransferCodec.fromNode(node), as))
                    : node));
    return own;
  }
}
