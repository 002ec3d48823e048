package io.sluice.node.api;

import io.sluice.protocol.retrieval.TokenAmount;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What commands ask for. Paths are absolute: the node may run in another folder. */
public final class Requests {
  private Requests() {}

  /**
   * {@code import}: UnixFS by default, or CAR files as they are, perhaps where they lie.
   *
   * @param chunk bytes in a leaf; default 256 KiB
   * @param cidVersion 1, the default, or 0, where leaves are not raw
   * @param name what the content is listed as, of one path; default the name of its file
   * @param preserveMode whether permissions are kept; another CID than without
   * @param preserveMtime whether the times of the last change are kept; another CID than without
   */
  public record ImportRequest(
      List<String> paths,
      boolean car,
      boolean inPlace,
      Optional<Long> chunk,
      Optional<Long> cidVersion,
      Optional<String> name,
      boolean preserveMode,
      boolean preserveMtime) {
    /** Content alone. */
    public ImportRequest(
        List<String> paths,
        boolean car,
        boolean inPlace,
        Optional<Long> chunk,
        Optional<String> name) {
      this(paths, car, inPlace, chunk, Optional.empty(), name, false, false);
    }
  }

  /**
   * {@code export}: content, perhaps beneath a path, as files or as a CAR.
   *
   * @param index of a CAR version 2: {@code multihash-sorted}, {@code sorted} or {@code none};
   *     without it a CAR has version 1
   */
  public record ExportRequest(
      String target, String out, boolean car, Optional<String> index, boolean force) {
    /** Files, or a CAR version 1. */
    public ExportRequest(String target, String out, boolean car, boolean force) {
      this(target, out, car, Optional.empty(), force);
    }
  }

  /**
   * {@code ls CID}: what is in a folder.
   *
   * @param details whether each entry is looked at, as far as it is here
   */
  public record ListRequest(String target, boolean details) {}

  /**
   * {@code ask set}; absent figures keep what they were, or the defaults.
   *
   * @param token what is paid in, by its address; absent for the first of the configuration
   */
  public record PriceRequest(
      Optional<String> cid,
      Optional<String> token,
      TokenAmount pricePerMiB,
      Optional<TokenAmount> fee,
      Optional<Long> interval,
      Optional<Long> intervalIncrease,
      Optional<Long> intervalMax) {
    /** A price in the first token of the configuration. */
    public PriceRequest(
        Optional<String> cid,
        TokenAmount pricePerMiB,
        Optional<TokenAmount> fee,
        Optional<Long> interval,
        Optional<Long> intervalIncrease,
        Optional<Long> intervalMax) {
      this(cid, Optional.empty(), pricePerMiB, fee, interval, intervalIncrease, intervalMax);
    }
  }

  /**
   * {@code retrieve}.
   *
   * @param target CID, perhaps with a path
   * @param providers multiaddrs with a peer id
   * @param out the file or folder to write; absent leaves the blocks in the store
   * @param car whether to write a CAR instead of files
   * @param force whether an existing output is replaced
   * @param maxPricePerMiB dearest price accepted
   * @param maxTotal most that this command and its resumptions may pay
   * @param paidIn the token that is paid in, by its address, of which the two limits are; absent
   *     for any, and where there is a limit for the first of the configuration
   * @param selector dag-json of a selector, instead of a path and a scope
   * @param scope how much of the target: {@code all} (the default), {@code entity} or {@code block}
   * @param bytes {@code FROM:TO}, a stretch of a file; its scope is {@code entity}
   * @param token names this run, so that it can be interrupted
   */
  public record RetrieveRequest(
      String target,
      List<String> providers,
      Optional<String> out,
      boolean car,
      boolean force,
      Optional<TokenAmount> maxPricePerMiB,
      Optional<TokenAmount> maxTotal,
      Optional<String> paidIn,
      Optional<String> selector,
      Optional<String> scope,
      Optional<String> bytes,
      String token) {
    /** All of the target, or what a selector finds. */
    public RetrieveRequest(
        String target,
        List<String> providers,
        Optional<String> out,
        boolean car,
        boolean force,
        Optional<TokenAmount> maxPricePerMiB,
        Optional<TokenAmount> maxTotal,
        Optional<String> selector,
        String token) {
      this(
          target,
          providers,
          out,
          car,
          force,
          maxPricePerMiB,
          maxTotal,
          Optional.empty(),
          selector,
          Optional.empty(),
          Optional.empty(),
          token);
    }
  }

  /**
   * {@code query}: what a retrieval of the same would cost.
   *
   * @param target CID, perhaps with a path
   * @param provider multiaddr with a peer id
   * @param selector dag-json of a selector, instead of a path and a scope
   * @param scope how much of the target: {@code all} (the default), {@code entity} or {@code block}
   * @param bytes {@code FROM:TO}, a stretch of a file; its scope is {@code entity}
   */
  public record QueryRequest(
      String target,
      String provider,
      Optional<String> selector,
      Optional<String> scope,
      Optional<String> bytes) {
    /** All of the target. */
    public QueryRequest(String target, String provider) {
      this(target, provider, Optional.empty(), Optional.empty(), Optional.empty());
    }
  }

  /**
   * {@code push}.
   *
   * @param target CID, perhaps with a path
   * @param to multiaddr with a peer id
   * @param voucherType type of another voucher than Sluice's own
   * @param voucher dag-json of that voucher
   */
  public record PushRequest(
      String target, String to, Optional<String> voucherType, Optional<String> voucher) {}

  /**
   * {@code transfers voucher}.
   *
   * @param id of the transfer
   * @param type of the voucher
   * @param value dag-json of the voucher; null if it is not given
   */
  public record VoucherRequest(String id, String type, Optional<String> value) {}

  /**
   * {@code push}, {@code pull} and {@code unpin} by dsync.
   *
   * @param target CID; of a push perhaps with a path
   * @param place an http or https URL, a multiaddr with a peer id, or the id of a known peer
   * @param pin whether what is pushed is to be kept there
   * @param meta handed to the checks of the other end
   * @param token that the other end gave out, at a URL
   */
  public record SyncRequest(
      String target, String place, boolean pin, Map<String, String> meta, Optional<String> token) {
    /** Whether it is about a URL, and not about a peer. */
    public boolean isAtUrl() {
      return isUrl(place);
    }

    /** Whether a place is named by a URL, rather than by a multiaddr or a peer id. */
    public static boolean isUrl(String place) {
      return place.regionMatches(true, 0, "http://", 0, 7)
          || place.regionMatches(true, 0, "https://", 0, 8);
    }
  }

  /**
   * {@code sync add}.
   *
   * @param name for people, unique among the syncs of a node
   * @param peer multiaddr with a peer id, or the id alone of a known peer
   * @param lane {@code *} or {@code everything}, or the CID of a root
   * @param both whether the peer is to pull from here as well
   * @param maxPricePerMiB highest price that may be paid where the peer sells; with a total only
   * @param maxTotal most that may be paid in all; with a price only
   * @param paidIn the token of both, by its address; absent for the first of the configuration
   */
  public record NeighbourRequest(
      String name,
      String peer,
      String lane,
      boolean both,
      Optional<TokenAmount> maxPricePerMiB,
      Optional<TokenAmount> maxTotal,
      Optional<String> paidIn) {
    /** Paid for in the first token of the configuration, if at all. */
    public NeighbourRequest(
        String name,
        String peer,
        String lane,
        boolean both,
        Optional<TokenAmount> maxPricePerMiB,
        Optional<TokenAmount> maxTotal) {
      this(name, peer, lane, both, maxPricePerMiB, maxTotal, Optional.empty());
    }
  }

  /**
   * {@code receive allow}.
   *
   * @param max bytes that one push may bring
   * @param pin whether what came is kept until somebody removes it
   */
  public record ReceiveRequest(String peer, Optional<Long> max, boolean pin) {}

  /**
   * {@code grants add}.
   *
   * @param holder a peer id, or {@code token} for a new token
   * @param max bytes that one push may bring
   */
  public record GrantRequest(
      String holder, boolean push, boolean read, boolean remove, Optional<Long> max) {}
}
