package io.sluice.node.sync;

import io.sluice.node.sync.SyncRefusal.RefusalKind;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.dsync.DsyncMessage;
import io.sluice.protocol.dsync.DsyncMessages;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.dsync.InfoCbor;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * dsync over libp2p: a stream for each request, which is answered whatever becomes of it. What
 * follows the first request on its stream, and answers, are not listened to: programs send refusals
 * back as they came.
 *
 * <p>Spec: dsync 0.2.0, libp2p wire.
 */
public final class DsyncStreams {
  private static final Logger LOG = LoggerFactory.getLogger(DsyncStreams.class);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** Requests of one peer; each may hold a block several times while it is read. */
  private static final int AT_ONCE = 16;

  private final SyncService service;

  /** Answers as the service decides. */
  public DsyncStreams(SyncService service) {
    this.service = service;
  }

  /** Answers the peers of a host from here on, who may ask for all blocks of a DAG at once. */
  public void serve(Host host) {
    host.handleInTurn(DsyncNames.PROTOCOL, AT_ONCE, this::answer);
  }

  private void answer(Stream stream) throws IOException {
    stream.timeout(PATIENCE);
    int longest = Math.max(service.limits().blockBytes(), service.limits().manifest().bytes());
    Optional<DsyncMessage> request;
    try {
      request = DsyncMessages.read(stream, longest);
    } catch (ProtocolException e) {
      LOG.debug("{} sent no message: {}", stream.remotePeer(), e.getMessage());
      stream.reset();
      return;
    }
    if (request.isPresent() && !request.get().isAnswer()) {
      SyncCaller caller = service.home().caller(stream.remotePeer());
      stream.write(ByteBuffer.wrap(DsyncMessages.encode(answer(caller, request.get()))));
    }
  }

  private DsyncMessage answer(SyncCaller caller, DsyncMessage request) {
    try {
      return done(caller, request);
    } catch (SyncRefusal e) {
      return refused(request, e.kind(), e.reason());
    } catch (ProtocolException e) {
      SyncRefusal refusal = SyncService.refusal(e);
      return refused(request, refusal.kind(), refusal.reason());
    } catch (IOException e) {
      LOG.debug("{} of {} failed", request.type(), caller.name(), e);
      return refused(request, RefusalKind.RETRY, "it failed here: " + e.getMessage());
    }
  }

  private DsyncMessage done(SyncCaller caller, DsyncMessage request)
      throws SyncRefusal, IOException {
    String cid = request.header(DsyncNames.CID);
    return switch (request.type()) {
      case DsyncMessage.NEW_RECEIVE -> {
        service.requirePush(caller);
        SyncService.Begun begun =
            service.begin(
                caller,
                InfoCbor.decode(bytes(request.body()), service.limits().manifest()),
                request.header(DsyncNames.PIN).equals("true"),
                meta(request, DsyncNames.PIN));
        yield request.answer(
            Map.of(DsyncNames.SID, begun.sid()), ByteBuffer.wrap(InfoCbor.encode(begun.missing())));
      }
      case DsyncMessage.RECEIVE_BLOCK -> {
        service.receive(caller, request.header(DsyncNames.SID), cid, request.body());
        yield request.answer(
            Map.of(
                DsyncNames.CID, cid, DsyncMessage.STATUS, DsyncMessage.OK, DsyncMessage.ERROR, ""),
            DsyncMessage.NO_BODY);
      }
      case DsyncMessage.GET_INFO ->
          request.answer(
              Map.of(),
              ByteBuffer.wrap(
                  InfoCbor.encode(
                      service.reads().info(caller, cid, meta(request, DsyncNames.CID)))));
      case DsyncMessage.GET_BLOCK -> {
        Block block = service.reads().block(caller, cid);
        yield request.answer(Map.of(), block.data());
      }
      case DsyncMessage.REMOVE -> {
        service.remove(caller, cid, meta(request, DsyncNames.CID));
        yield request.answer(Map.of(DsyncNames.CID, cid), DsyncMessage.NO_BODY);
      }
      default -> throw SyncRefusal.because("'%s' is not known".formatted(request.type()));
    };
  }

  private DsyncMessage refused(DsyncMessage request, RefusalKind kind, String reason) {
    service.refused(kind);
    Map<String, String> headers = new HashMap<>();
    headers.put(DsyncMessage.ERROR, reason);
    if (request.type().equals(DsyncMessage.RECEIVE_BLOCK)) {
      headers.put(DsyncNames.CID, request.header(DsyncNames.CID));
      headers.put(
          DsyncMessage.STATUS,
          kind == RefusalKind.RETRY ? DsyncMessage.RETRY : DsyncMessage.ERRORED);
    }
    return request.answer(headers, DsyncMessage.NO_BODY);
  }

  private static Map<String, String> meta(DsyncMessage request, String own) {
    Map<String, String> meta = new HashMap<>(request.headers());
    meta.remove(own);
    meta.remove(DsyncMessage.PHASE);
    return meta;
  }

  private static byte[] bytes(ByteBuffer body) {
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return bytes;
  }
}
