package io.sluice.protocol.dsync;

import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.dsync.Manifest.Link;
import io.sluice.protocol.ipld.DagJson;
import io.sluice.protocol.ipld.Node;
import io.sluice.protocol.multiformats.Cid;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Manifests and infos as JSON. Written as the original writes them, {@code null} for an empty list
 * and members in its order; read in any order, with {@code null}, absent and empty being the same.
 *
 * <p>Spec: dsync 0.2.0, JSON encoding.
 */
public final class InfoJson {
  private InfoJson() {}

  /** An info, without a line end. */
  public static byte[] encode(Info info) {
    StringBuilder out = new StringBuilder(64 * (1 + info.manifest().nodes().size()));
    out.append("{\"manifest\":");
    manifest(out, info.manifest());
    if (!info.labels().isEmpty()) {
      out.append(",\"labels\":{");
      String separator = "";
      for (Map.Entry<String, Integer> label : info.labels().entrySet()) {
        out.append(separator).append(text(label.getKey())).append(':').append(label.getValue());
        separator = ",";
      }
      out.append('}');
    }
    if (!info.sizes().isEmpty()) {
      out.append(",\"sizes\":[");
      String separator = "";
      for (long size : info.sizes()) {
        out.append(separator).append(Long.toUnsignedString(size));
        separator = ",";
      }
      out.append(']');
    }
    return bytes(out.append('}'));
  }

  /** A manifest, without a line end. */
  public static byte[] encode(Manifest manifest) {
    StringBuilder out = new StringBuilder(64 * (1 + manifest.nodes().size()));
    manifest(out, manifest);
    return bytes(out);
  }

  /** What is there of a DAG: a list of 0 and 100. */
  public static byte[] encode(Completion completion) {
    return DagJson.encode(Node.list(completion.values().stream().map(Node::of).toList()));
  }

  /**
   * Reads an info.
   *
   * @throws ProtocolException {@code BAD_MANIFEST}, {@code MANIFEST_TOO_LARGE}, {@code BAD_CID},
   *     and those of JSON
   */
  public static Info decode(byte[] json, ManifestLimits limits) {
    Node.Map info = object(json, limits);
    Optional<Node> manifest = present(info, "manifest");
    if (manifest.isEmpty()) {
      throw BadManifest.because(DsyncNames.NOT_AN_INFO);
    }
    return new Info(
        manifest(manifest.get(), limits),
        labels(present(info, "labels"), limits),
        sizes(present(info, "sizes"), limits));
  }

  /** Reads a manifest; throws as {@link #decode}. */
  public static Manifest decodeManifest(byte[] json, ManifestLimits limits) {
    return manifest(object(json, limits), limits);
  }

  private static Node.Map object(byte[] json, ManifestLimits limits) {
    limits.check(json.length);
    return DagJson.decode(ByteBuffer.wrap(json), limits.json()).asMap();
  }

  private static Manifest manifest(Node node, ManifestLimits limits) {
    Node.Map manifest = node.asMap();
    List<Cid> nodes = new ArrayList<>();
    for (Node text : items(present(manifest, "nodes"), "nodes", limits.nodes())) {
      nodes.add(Cid.parse(text.asRawText().string()));
    }
    List<Link> links = new ArrayList<>();
    for (Node link : items(present(manifest, "links"), "links", limits.links())) {
      links.add(link(link.asList()));
    }
    return new Manifest(nodes, links);
  }

  /** As the original reads them: what lacks is 0, what is too much is ignored. */
  private static Link link(List<Node> numbers) {
    return new Link(
        numbers.isEmpty() ? 0 : index(numbers.get(0)),
        numbers.size() < 2 ? 0 : index(numbers.get(1)));
  }

  private static SortedMap<String, Integer> labels(Optional<Node> node, ManifestLimits limits) {
    SortedMap<String, Integer> labels = new TreeMap<>();
    if (node.isPresent()) {
      Node.Map map = node.get().asMap();
      if (map.size() > limits.nodes()) {
        throw BadManifest.tooMany("labels", limits.nodes());
      }
      for (int i = 0; i < map.size(); i++) {
        labels.put(map.key(i).string(), index(map.value(i)));
      }
    }
    return labels;
  }

  private static List<Long> sizes(Optional<Node> node, ManifestLimits limits) {
    List<Long> sizes = new ArrayList<>();
    for (Node size : items(node, "sizes", limits.nodes())) {
      BigInteger value = size.asBigInteger();
      if (value.signum() < 0 || value.bitLength() > Long.SIZE) {
        throw BadManifest.because("a size of " + value);
      }
      sizes.add(value.longValue());
    }
    return sizes;
  }

  private static int index(Node node) {
    BigInteger value = node.asBigInteger();
    if (value.signum() < 0 || value.bitLength() >= Integer.SIZE) {
      throw BadManifest.because("an index of " + value);
    }
    return value.intValue();
  }

  private static List<Node> items(Optional<Node> list, String what, int limit) {
    List<Node> items = list.map(Node::asList).orElse(List.of());
    if (items.size() > limit) {
      throw BadManifest.tooMany(what, limit);
    }
    return items;
  }

  private static Optional<Node> present(Node.Map map, String key) {
    return map.find(key).filter(value -> !(value instanceof Node.Null));
  }

  private static void manifest(StringBuilder out, Manifest manifest) {
    out.append("{\"links\":");
    if (manifest.links().isEmpty()) {
      out.append("null");
    } else {
      char separator = '[';
      for (Link link : manifest.links()) {
        out.append(separator).append('[').append(link.from()).append(',').append(link.to());
        out.append(']');
        separator = ',';
      }
      out.append(']');
    }
    out.append(",\"nodes\":");
    if (manifest.nodes().isEmpty()) {
      out.append("null");
    } else {
      char separator = '[';
      for (Cid cid : manifest.nodes()) {
        out.append(separator).append('"').append(cid).append('"');
        separator = ',';
      }
      out.append(']');
    }
    out.append('}');
  }

  private static String text(String text) {
    return new String(DagJson.encode(Node.of(text)), StandardCharsets.UTF_8);
  }

  private static byte[] bytes(StringBuilder out) {
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }
}
