package io.sluice.node;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.node.sync.SyncCaller;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.ipld.NodeCodec;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Who may push, read without paying, and remove: documents of the deal store, by peer id or by the
 * hash of a token. Tokens are 256 random bits, so their plain hash gives nothing away; they
 * themselves are told once and kept nowhere.
 *
 * @param node has the store
 */
record Grants(SluiceNode node) {
  /** What a new token is asked for by. */
  private static final String NEW_TOKEN = "token";

  private static final String TOKEN = "token-";
  private static final String COLLECTION = "grants";
  private static final int TOKEN_BYTES = 32;

  /** What somebody may; reading for a sync that goes both ways ends with that. */
  private record Grant(
      boolean push, boolean read, boolean remove, Optional<Long> max, boolean forSync) {
    static final MapCodec<Grant> CODEC =
        MapCodec.of(
            f ->
                new Grant(
                    f.get("Push", NodeCodec.BOOL, Grant::push),
                    f.get("Read", NodeCodec.BOOL, Grant::read),
                    f.get("Remove", NodeCodec.BOOL, Grant::remove),
                    f.find("Max", NodeCodec.LONG, Grant::max),
                    f.get("ForSync", NodeCodec.BOOL, Grant::forSync)));

    static final Grant NOTHING = new Grant(false, false, false, Optional.empty(), false);

    Grant withRead(boolean may) {
      return new Grant(push, may, remove, max, may);
    }
  }

  List<Reports.GrantReport> all() throws IOException {
    return node.store().documents(COLLECTION).entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(
            entry -> report(entry.getKey(), Grant.CODEC.decode(entry.getValue()), Optional.empty()))
        .toList();
  }

  Reports.GrantReport add(Requests.GrantRequest request) throws IOException, ServiceException {
    if (!request.push() && !request.read() && !request.remove()) {
      throw new ServiceException(
          ErrorCode.USAGE, "grant something: --push, --read or --remove, or several of them");
    }
    if (request.max().filter(max -> max <= 0).isPresent()) {
      throw new ServiceException(ErrorCode.BAD_SIZE, "--max has to be 1 byte at least");
    }
    Grant grant = new Grant(request.push(), request.read(), request.remove(), request.max(), false);
    Optional<String> token = Optional.empty();
    String holder;
    if (request.holder().equals(NEW_TOKEN)) {
      byte[] random = new byte[TOKEN_BYTES];
      node.random().nextBytes(random);
      String text = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
      token = Optional.of(text);
      holder = nameOf(text);
    } else {
      holder = peer(request.holder());
    }
    node.store().putDocument(COLLECTION, holder, Grant.CODEC.encode(grant));
    return report(holder, grant, token);
  }

  /**
   * Grants a peer reading beside what it has, for a sync.
   *
   * @return what takes that back; nothing to do if it could read before
   */
  Undo addRead(PeerId peer) throws IOException {
    String holder = peer.toString();
    Optional<Grant> before = stored(holder);
    if (before.filter(Grant::read).isPresent()) {
      return () -> {};
    }
    Grant has = before.orElse(Grant.NOTHING).withRead(true);
    node.store().putDocument(COLLECTION, holder, Grant.CODEC.encode(has));
    return () -> withdrawRead(peer);
  }

  /** Takes back {@link #addRead}, unless reading was granted otherwise. */
  void withdrawRead(PeerId peer) throws IOException {
    String holder = peer.toString();
    Optional<Grant> now = stored(holder).filter(Grant::forSync);
    if (now.isEmpty()) {
      return;
    }
    Grant left = now.get().withRead(false);
    if (left.equals(Grant.NOTHING)) {
      node.store().removeDocument(COLLECTION, holder);
    } else {
      node.store().putDocument(COLLECTION, holder, Grant.CODEC.encode(left));
    }
  }

  /** Takes back what was done. */
  interface Undo {
    void run() throws IOException;
  }

  /** Takes back what a peer id, the name of a token, or a token was granted. */
  void remove(String text) throws IOException, ServiceException {
    for (String holder : List.of(text, nameOf(text))) {
      if (node.store().document(COLLECTION, holder).isPresent()) {
        node.store().removeDocument(COLLECTION, holder);
        return;
      }
    }
    throw new ServiceException(
        ErrorCode.NOT_GRANTED,
        "nothing was granted to %s; 'sluice grants ls' lists who has grants".formatted(text));
  }

  /** Who brings a token: by it alone, whoever that is. */
  SyncCaller caller(Optional<String> token) throws IOException {
    if (token.isEmpty()) {
      return SyncCaller.stranger("a stranger");
    }
    String holder = nameOf(token.get());
    return stored(holder)
        .map(grant -> caller(holder, grant))
        .orElseGet(() -> SyncCaller.stranger("a stranger with a token"));
  }

  /** Who a peer is; denied peers may nothing. */
  Optional<SyncCaller> caller(PeerId peer) throws IOException {
    return node.denied().denies(peer)
        ? Optional.empty()
        : stored(peer.toString()).map(grant -> caller(peer.toString(), grant));
  }

  private static SyncCaller caller(String holder, Grant grant) {
    return new SyncCaller(
        holder,
        grant.push(),
        grant.read(),
        grant.remove(),
        grant.max().map(OptionalLong::of).orElse(OptionalLong.empty()));
  }

  private Optional<Grant> stored(String holder) throws IOException {
    Optional<Node> document = node.store().document(COLLECTION, holder);
    return document.map(Grant.CODEC::decode);
  }

  private static Reports.GrantReport report(String holder, Grant grant, Optional<String> token) {
    return new Reports.GrantReport(
        holder, grant.push(), grant.read(), grant.remove(), grant.max(), token);
  }

  private static String peer(String text) throws ServiceException {
    try {
      return PeerId.parse(text).toString();
    } catch (ProtocolException e) {
      throw new ServiceException(
          ErrorCode.BAD_ADDRESS,
          "'%s' is neither a valid peer id nor the word '%s'".formatted(text, NEW_TOKEN),
          e);
    }
  }

  private static String nameOf(String token) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
      return TOKEN + HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
