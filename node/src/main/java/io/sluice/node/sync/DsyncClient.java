package io.sluice.node.sync;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.dsync.BadManifest;
import io.sluice.protocol.dsync.DsyncMessage;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.ManifestGenerator;
import io.sluice.protocol.dsync.ManifestLimits;
import io.sluice.protocol.ipld.BlockStore;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutorService;

/**
 * Pushes DAGs to, pulls them from and has them unpinned at nodes that answer dsync, at a URL or
 * over libp2p. Calls block until it is done; for any number of threads, each call with connections
 * of its own. An interrupted call ends at once, and the same call goes on later with what is
 * missing.
 */
public final class DsyncClient {
  /** Parameters of the protocol itself. */
  private static final Set<String> TAKEN =
      Set.of(
          DsyncNames.PIN,
          DsyncNames.SID,
          DsyncNames.HASH,
          DsyncNames.MANIFEST,
          DsyncNames.BLOCK,
          DsyncNames.CID,
          DsyncMessage.PHASE,
          DsyncMessage.ERROR);

  private final BlockStore store;
  private final ExecutorService hashing;
  private final ManifestLimits limits;
  private final Retries retries;
  private final TransferWatch watch;

  /**
   * @param store where blocks are and go
   * @param hashing where blocks are hashed
   */
  public DsyncClient(BlockStore store, ExecutorService hashing) {
    this(store, hashing, ManifestLimits.DEFAULT, Retries.STANDARD, TransferWatch.STANDARD);
  }

  DsyncClient(
      BlockStore store,
      ExecutorService hashing,
      ManifestLimits limits,
      Retries retries,
      TransferWatch watch) {
    this.store = store;
    this.hashing = hashing;
    this.limits = limits;
    this.retries = retries;
    this.watch = watch;
  }

  /** The other end of a call. */
  public sealed interface Remote {
    /** Handed to the other end's own checks. */
    Map<String, String> meta();

    /**
     * A node at a URL.
     *
     * @param url http or https; the path {@code /dsync} if it has none
     * @param token that the other end gave out, if it wants one
     */
    record AtUrl(String url, Optional<String> token, Map<String, String> meta) implements Remote {
      /** Copies the map. */
      public AtUrl {
        meta = Map.copyOf(meta);
      }
    }

    /**
     * A peer of libp2p.
     *
     * @param host dials it
     * @param addresses where to look for it, beside where it is known to be
     */
    record AtPeer(Host host, PeerId peer, List<Multiaddr> addresses, Map<String, String> meta)
        implements Remote {
      /** Copies the collections. */
      public AtPeer {
        addresses = List.copyOf(addresses);
        meta = Map.copyOf(meta);
      }
    }
  }

  /** Hears how far a transfer is, a few times a second. */
  @FunctionalInterface
  public interface Progress {
    /** So many bytes have moved, of those that are expected, as far as that is known. */
    void at(long bytes, OptionalLong expected);
  }

  /**
   * Pushes a DAG that is here as a whole.
   *
   * @param pin whether the other end is asked to keep it
   * @throws ServiceException {@code REFUSED} and the like with the other end's words, {@code
   *     UNREACHABLE}, {@code CONNECTION_LOST}, {@code TIMEOUT}, {@code BAD_ADDRESS}
   * @throws IOException if this disk fails or lacks a block
   */
  public SyncOutcome push(Cid root, Remote to, boolean pin, Progress progress)
      throws IOException, ServiceException, InterruptedException {
    Moved moved = new Moved();
    try (DsyncRemote remote = connect(to, moved)) {
      DagPush push = new DagPush(store, remote, retries, moved, info(root), pin);
      return watch.run(moved, () -> progress.at(moved.bytes(), moved.expected()), push::run);
    }
  }

  private Info info(Cid root) throws IOException, ServiceException {
    try {
      return new ManifestGenerator(store, limits).of(root);
    } catch (ProtocolException e) {
      if (e.code().equals(BadManifest.TOO_LARGE)) { // our own content, and nobody's fault
        throw new ServiceException(
            ErrorCode.USAGE, "%s is too large for dsync: %s".formatted(root, e.getMessage()), e);
      }
      throw e;
    }
  }

  /**
   * Pulls a DAG; blocks that are here are not asked for, and those that came before a failure stay.
   * They are durable on return. Whether the other end has named all blocks of the DAG is for the
   * caller to see.
   *
   * @throws ServiceException as {@link #push}, and {@code NOT_FOUND}, {@code VERIFICATION_FAILED}
   * @throws IOException if this disk fails
   * @throws io.sluice.protocol.ProtocolException {@code BLOCK_HASH_MISMATCH} and others for what is
   *     malformed
   */
  public SyncOutcome pull(Cid root, Remote from, Progress progress)
      throws IOException, ServiceException, InterruptedException {
    Moved moved = new Moved();
    try (DsyncRemote remote = connect(from, moved)) {
      DagPull pull = new DagPull(store, remote, retries, moved, hashing);
      return watch.run(
          moved, () -> progress.at(moved.bytes(), moved.expected()), () -> pull.run(root));
    }
  }

  /**
   * Asks the other end to keep a DAG no longer.
   *
   * @throws ServiceException as {@link #push}
   */
  public void unpin(Cid root, Remote at)
      throws IOException, ServiceException, InterruptedException {
    Moved moved = new Moved();
    try (DsyncRemote remote = connect(at, moved)) {
      watch.run(
          moved,
          () -> {},
          () -> {
            retries.until(
                () -> {
                  remote.remove(root);
                  return root;
                });
            return new SyncOutcome(0, 0, 0, 0);
          });
    }
  }

  private DsyncRemote connect(Remote remote, Moved moved) throws ServiceException {
    for (String key : remote.meta().keySet()) {
      if (TAKEN.contains(key) || key.isEmpty()) {
        throw new ServiceException(
            ErrorCode.USAGE,
            "'%s' is a word of dsync itself and no name for --meta".formatted(key));
      }
    }
    return switch (remote) {
      case Remote.AtUrl at -> {
        if (at.token().filter(token -> !token.matches("[!-~]+")).isPresent()) {
          throw new ServiceException(
              ErrorCode.USAGE, "the token is not one word of printable ASCII characters");
        }
        yield new DsyncHttp(DsyncUrl.parse(at.url()), at.token(), at.meta(), limits, moved);
      }
      case Remote.AtPeer at ->
          new DsyncPeer(at.host(), at.peer(), at.addresses(), at.meta(), limits, moved);
    };
  }
}
