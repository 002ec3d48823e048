package io.sluice.node.sync;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.dsync.DsyncMessage;
import io.sluice.protocol.dsync.DsyncMessages;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.InfoCbor;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.dsync.ManifestLimits;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.libp2p.HandshakeException;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.PeerDeniedException;
import io.sluice.protocol.libp2p.PeerMismatchException;
import io.sluice.protocol.libp2p.ProtocolNotSupportedException;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.DealCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A peer that answers dsync over libp2p: a stream for each request, and always block by block. Who
 * asks is known by his peer id.
 *
 * <p>Spec: dsync 0.2.0, libp2p wire.
 */
final class DsyncPeer implements DsyncRemote {
  /** The other end syncs and checks before it answers. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Host host;
  private final PeerId peer;
  private final List<Multiaddr> addresses;
  private final Map<String, String> meta;
  private final ManifestLimits limits;
  private final Moved moved;
  private final AtomicLong requests = new AtomicLong();

  /**
   * @param addresses where to look for it, beside where it is known to be
   * @param meta handed to the other end's checks
   * @param moved hears of what comes and goes
   */
  DsyncPeer(
      Host host,
      PeerId peer,
      List<Multiaddr> addresses,
      Map<String, String> meta,
      ManifestLimits limits,
      Moved moved) {
    this.host = host;
    this.peer = peer;
    this.addresses = addresses;
    this.meta = meta;
    this.limits = limits;
    this.moved = moved;
  }

  /** The original says nothing to a push that it refuses: the stream just ends. */
  @Override
  public PushSession open(Info info, boolean pin) throws IOException, ServiceException {
    Map<String, String> headers = withMeta(Map.of(DsyncNames.PIN, Boolean.toString(pin)));
    ByteBuffer body = ByteBuffer.wrap(InfoCbor.encode(info));
    DsyncMessage answer =
        ask(DsyncMessage.NEW_RECEIVE, headers, body, limits.bytes())
            .orElseThrow(() -> refused("nothing, and closed the stream: it takes no such push"));
    refuseErrors(answer, false);
    String sid = answer.header(DsyncNames.SID);
    if (sid.isEmpty() || sid.length() > LONGEST_SID) {
      throw malformed("opened a session without a usable name");
    }
    return new PushSession(sid, InfoCbor.decodeManifest(bytes(answer), limits), false);
  }

  @Override
  public void putArchive(String sid, Iterable<byte[]> archive) {
    throw new IllegalStateException("no archives over libp2p");
  }

  @Override
  public void putBlock(String sid, Block block) throws IOException, ServiceException {
    String cid = block.cid().toString();
    DsyncMessage answer =
        ask(
                DsyncMessage.RECEIVE_BLOCK,
                asRequest(Map.of(DsyncNames.SID, sid, DsyncNames.CID, cid)),
                block.data(),
                block.size()) // some send it back
            .orElseThrow(() -> unanswered(DsyncMessage.RECEIVE_BLOCK));
    String error = Refusal.shown(answer.header(DsyncMessage.ERROR));
    switch (answer.header(DsyncMessage.STATUS)) {
      case DsyncMessage.OK -> {}
      case DsyncMessage.RETRY ->
          throw new Refusal.TryLaterException(
              "%s did not take block %s: %s".formatted(peer, cid, error));
      default -> throw refused(error);
    }
  }

  @Override
  public RemoteInfo info(Cid root) throws IOException, ServiceException {
    DsyncMessage answer =
        ask(
                DsyncMessage.GET_INFO,
                withMeta(Map.of(DsyncNames.CID, root.toString())),
                DsyncMessage.NO_BODY,
                limits.bytes())
            .orElseThrow(() -> unanswered(DsyncMessage.GET_INFO));
    refuseErrors(answer, true);
    return new RemoteInfo(InfoCbor.decode(bytes(answer), limits), false);
  }

  @Override
  public Block block(Cid cid) throws IOException, ServiceException {
    DsyncMessage answer =
        ask(
                DsyncMessage.GET_BLOCK,
                Map.of(DsyncNames.CID, cid.toString()),
                DsyncMessage.NO_BODY,
                CarLimits.BLOCK_BYTES)
            .orElseThrow(() -> unanswered(DsyncMessage.GET_BLOCK));
    refuseErrors(answer, true);
    return Block.verified(cid, answer.body());
  }

  @Override
  public InputStream stream(Manifest wanted) {
    throw new IllegalStateException("no archives over libp2p");
  }

  @Override
  public void remove(Cid root) throws IOException, ServiceException {
    DsyncMessage answer =
        ask(
                DsyncMessage.REMOVE,
                withMeta(Map.of(DsyncNames.CID, root.toString())),
                DsyncMessage.NO_BODY,
                0)
            .orElseThrow(() -> unanswered(DsyncMessage.REMOVE));
    refuseErrors(answer, false);
  }

  private Map<String, String> withMeta(Map<String, String> headers) {
    Map<String, String> all = new HashMap<>(meta);
    all.putAll(headers);
    return asRequest(all);
  }

  private static Map<String, String> asRequest(Map<String, String> headers) {
    Map<String, String> all = new HashMap<>(headers);
    all.put(DsyncMessage.PHASE, DsyncMessage.REQUEST);
    return all;
  }

  /** Ten characters, which have to differ on one stream only; and that has one request. */
  private String id() {
    return "%010d".formatted(requests.incrementAndGet());
  }

  /** Empty if the other end closes the stream without a word. */
  private Optional<DsyncMessage> ask(
      String type, Map<String, String> headers, ByteBuffer body, int longest)
      throws IOException, ServiceException {
    DsyncMessage request = new DsyncMessage(type, id(), host.id().toString(), headers, body);
    boolean asked = false;
    try (Stream stream = host.open(peer, addresses, List.of(DsyncNames.PROTOCOL))) {
      stream.timeout(PATIENCE);
      stream.write(ByteBuffer.wrap(DsyncMessages.encode(request)));
      asked = true;
      moved.sign();
      Optional<DsyncMessage> answer = DsyncMessages.read(stream, longest);
      moved.sign();
      boolean foreign =
          answer
              .filter(
                  said ->
                      !said.isAnswer()
                          || !said.id().equals(request.id())
                          || !said.type().equals(type))
              .isPresent();
      if (foreign) {
        throw malformed("answered something else than " + type);
      }
      return answer;
    } catch (HandshakeException e) {
      if (asked) { // not even the protocol was answered, in which the stream was closed
        return Optional.empty();
      }
      throw e;
    } catch (ProtocolNotSupportedException e) {
      throw new ServiceException(DealCode.REFUSED, peer + " does not speak dsync", e);
    } catch (PeerMismatchException e) {
      throw new ServiceException(DealCode.WRONG_PEER, "" + e.getMessage(), e);
    } catch (PeerDeniedException e) {
      throw new ServiceException(ErrorCode.PEER_DENIED, "" + e.getMessage(), e);
    }
  }

  private void refuseErrors(DsyncMessage answer, boolean reading) throws ServiceException {
    String error = Refusal.shown(answer.header(DsyncMessage.ERROR));
    if (reading && Refusal.saysLacking(error)) {
      throw new ServiceException(DealCode.NOT_FOUND, peer + " answered: " + error);
    }
    if (!error.isEmpty()) {
      throw refused(error);
    }
  }

  private ServiceException refused(String said) {
    return new ServiceException(DealCode.REFUSED, peer + " answered: " + said);
  }

  private ServiceException malformed(String what) {
    return new ServiceException(DealCode.VERIFICATION_FAILED, peer + " " + what);
  }

  private IOException unanswered(String type) {
    return new IOException("%s did not answer to %s".formatted(peer, type));
  }

  private static byte[] bytes(DsyncMessage answer) {
    ByteBuffer body = answer.body();
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return bytes;
  }

  /** Streams end with the request that each is for. */
  @Override
  public void close() {}
}
