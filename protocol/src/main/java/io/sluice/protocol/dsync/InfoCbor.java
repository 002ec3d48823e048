package io.sluice.protocol.dsync;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.dsync.Manifest.Link;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Manifests and infos as CBOR: written with keys in alphabetical order and {@code null} for an
 * empty list; read as loosely as the original does ({@link LooseCbor}), unknown keys and what
 * stands behind the value being ignored.
 *
 * <p>Spec: dsync 0.2.0, CBOR encoding.
 */
public final class InfoCbor {
  private InfoCbor() {}

  /** An info. */
  public static byte[] encode(Info info) {
    Node.MapBuilder map = Node.map();
    if (!info.labels().isEmpty()) {
      Node.MapBuilder labels = Node.map();
      info.labels().forEach((label, index) -> labels.put(label, (long) index));
      map.put("labels", labels.build());
    }
    map.put("manifest", node(info.manifest()));
    if (!info.sizes().isEmpty()) {
      map.put("sizes", Node.list(info.sizes().stream().map(InfoCbor::unsigned).toList()));
    }
    return DagCbor.encodeInOrder(map.build());
  }

  /** A manifest. */
  public static byte[] encode(Manifest manifest) {
    return DagCbor.encodeInOrder(node(manifest));
  }

  /** What is there of a DAG: a list of 0 and 100. */
  public static byte[] encode(Completion completion) {
    return DagCbor.encode(Node.list(completion.values().stream().map(Node::of).toList()));
  }

  private static Node node(Manifest manifest) {
    List<Node> links = new ArrayList<>(manifest.links().size());
    for (Link link : manifest.links()) {
      links.add(Node.list(Node.of(link.from()), Node.of(link.to())));
    }
    List<Node> nodes = new ArrayList<>(manifest.nodes().size());
    for (Cid cid : manifest.nodes()) {
      nodes.add(Node.of(cid.toString()));
    }
    return Node.map().put("links", orNull(links)).put("nodes", orNull(nodes)).build();
  }

  private static Node orNull(List<Node> items) {
    return items.isEmpty() ? Node.ofNull() : Node.list(items);
  }

  private static Node unsigned(long value) {
    return value >= 0 ? Node.of(value) : Node.of(new BigInteger(Long.toUnsignedString(value)));
  }

  /**
   * Reads an info.
   *
   * @throws ProtocolException {@code BAD_MANIFEST}, {@code MANIFEST_TOO_LARGE}, {@code BAD_CID}
   */
  public static Info decode(byte[] cbor, ManifestLimits limits) {
    limits.check(cbor.length);
    LooseCbor in = new LooseCbor(cbor);
    InfoFields fields = new InfoFields();
    in.map(
        key -> {
          switch (key) {
            case "manifest" -> fields.manifest = in.ifNull() ? null : manifest(in, limits);
            case "labels" -> labels(in, fields.labels, limits);
            case "sizes" -> sizes(in, fields.sizes, limits);
            default -> in.skip();
          }
        });
    if (fields.manifest == null) {
      throw BadManifest.because(DsyncNames.NOT_AN_INFO);
    }
    return new Info(fields.manifest, fields.labels, fields.sizes);
  }

  private static final class InfoFields {
    @Nullable Manifest manifest;
    final SortedMap<String, Integer> labels = new TreeMap<>();
    final List<Long> sizes = new ArrayList<>();
  }

  /** Reads a manifest; throws as {@link #decode}. */
  public static Manifest decodeManifest(byte[] cbor, ManifestLimits limits) {
    limits.check(cbor.length);
    return manifest(new LooseCbor(cbor), limits);
  }

  private static Manifest manifest(LooseCbor in, ManifestLimits limits) {
    List<Cid> nodes = new ArrayList<>();
    List<Link> links = new ArrayList<>();
    in.map(
        key -> {
          switch (key) {
            case "nodes" -> {
              nodes.clear();
              in.list(() -> bounded(nodes, Cid.parse(in.text()), "nodes", limits.nodes()));
            }
            case "links" -> {
              links.clear();
              in.list(() -> bounded(links, link(in), "links", limits.links()));
            }
            default -> in.skip();
          }
        });
    return new Manifest(nodes, links);
  }

  /** As the original reads them: what lacks is 0, what is too much is ignored. */
  private static Link link(LooseCbor in) {
    int[] numbers = new int[2];
    int[] count = {0};
    in.list(
        () -> {
          if (count[0] < numbers.length) {
            numbers[count[0]++] = in.index();
          } else {
            in.skip();
          }
        });
    return new Link(numbers[0], numbers[1]);
  }

  private static void labels(
      LooseCbor in, SortedMap<String, Integer> labels, ManifestLimits limits) {
    labels.clear();
    in.map(
        key -> {
          labels.put(key, in.index());
          if (labels.size() > limits.nodes()) {
            throw BadManifest.tooMany("labels", limits.nodes());
          }
        });
  }

  private static void sizes(LooseCbor in, List<Long> sizes, ManifestLimits limits) {
    sizes.clear();
    in.list(() -> bounded(sizes, in.unsigned(), "sizes", limits.nodes()));
  }

  private static <T> void bounded(List<T> list, T item, String what, int limit) {
    if (list.size() == limit) {
      throw BadManifest.tooMany(what, limit);
    }
    list.add(item);
  }
}
