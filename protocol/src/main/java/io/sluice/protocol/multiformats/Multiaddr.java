package io.sluice.protocol.multiformats;

import static io.sluice.protocol.ProtocolException.BAD_MULTIADDR;

import io.sluice.protocol.ProtocolException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where a peer can be reached: a path of protocols and their values, such as {@code
 * /ip4/127.0.0.1/tcp/4001/p2p/12D3…}.
 *
 * <p>Immutable; compared by its bytes. Spec: multiformats/multiaddr.
 */
public final class Multiaddr {
  private static final int MAX_SIZE = 4096;
  private static final int MAX_COMPONENTS = 32;

  private final byte[] bytes;
  private final List<Component> components;

  private Multiaddr(List<Component> components, byte[] bytes) {
    this.components = List.copyOf(components);
    this.bytes = bytes;
  }

  /**
   * One protocol of an address.
   *
   * @param protocol its name, such as {@code tcp}
   * @param value its value as text; empty for protocols without one
   */
  public record Component(String protocol, String value) {
    @Override
    public String toString() {
      return value.isEmpty() ? "/" + protocol : "/" + protocol + "/" + value;
    }
  }

  /**
   * Reads the text form.
   *
   * @throws ProtocolException {@code BAD_MULTIADDR} if it is not one, or names a protocol unknown
   *     here
   */
  public static Multiaddr parse(String text) {
    if (!text.startsWith("/") || text.length() == 1 || text.length() > MAX_SIZE) {
      throw new ProtocolException(BAD_MULTIADDR, "a multiaddr is a path that begins with a slash");
    }
    String trimmed = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    String[] parts = trimmed.substring(1).split("/", -1);
    List<Component> components = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      AddressProtocol protocol = AddressProtocol.of(parts[i]);
      String value = "";
      if (protocol.hasValue()) {
        if (++i == parts.length) {
          throw new ProtocolException(BAD_MULTIADDR, protocol.text + " without a value");
        }
        value = parts[i];
      }
      components.add(new Component(protocol.text, value));
    }
    return of(encode(components));
  }

  /**
   * Reads the binary form, which must fill {@code bytes}.
   *
   * @throws ProtocolException {@code BAD_MULTIADDR} if it does not, or names a protocol unknown
   *     here
   */
  public static Multiaddr of(byte[] bytes) {
    if (bytes.length == 0 || bytes.length > MAX_SIZE) {
      throw new ProtocolException(BAD_MULTIADDR, "a multiaddr of " + bytes.length + " bytes");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    List<Component> components = new ArrayList<>();
    try {
      while (in.hasRemaining()) {
        if (components.size() == MAX_COMPONENTS) {
          throw new ProtocolException(
              BAD_MULTIADDR, "a multiaddr of more than " + MAX_COMPONENTS + " protocols");
        }
        AddressProtocol protocol = AddressProtocol.of(Varint.read(in));
        components.add(new Component(protocol.text, protocol.format(protocol.read(in))));
      }
    } catch (ProtocolException e) {
      throw asBadMultiaddr(e);
    }
    return new Multiaddr(components, bytes.clone());
  }

  private static byte[] encode(List<Component> components) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      for (Component component : components) {
        AddressProtocol protocol = AddressProtocol.of(component.protocol());
        out.writeBytes(Varint.encode(protocol.code));
        byte[] value = protocol.parse(component.value());
        if (protocol.lengthIsWritten()) {
          out.writeBytes(Varint.encode(value.length));
        }
        out.writeBytes(value);
      }
    } catch (ProtocolException e) {
      throw asBadMultiaddr(e);
    }
    return out.toByteArray();
  }

  private static ProtocolException asBadMultiaddr(ProtocolException e) {
    return e.code().equals(BAD_MULTIADDR)
        ? e
        : new ProtocolException(BAD_MULTIADDR, "no multiaddr: " + e.getMessage(), e);
  }

  /** The protocols with their values, in order; never empty. */
  public List<Component> components() {
    return components;
  }

  /** Whose address it is, if it ends in a {@code p2p} component. */
  public Optional<PeerId> peerId() {
    Component last = components.getLast();
    return last.protocol().equals("p2p")
        ? Optional.of(PeerId.parse(last.value()))
        : Optional.empty();
  }

  /** This address with {@code peer} at its end, in place of the peer that stands there. */
  public Multiaddr withPeer(PeerId peer) {
    List<Component> changed =
        new ArrayList<>(peerId().isPresent() ? withoutPeerComponents() : components);
    changed.add(new Component("p2p", peer.toString()));
    return new Multiaddr(changed, encode(changed));
  }

  /**
   * This address without the peer at its end.
   *
   * @throws ProtocolException {@code BAD_MULTIADDR} if it is nothing but a peer
   */
  public Multiaddr withoutPeer() {
    if (peerId().isEmpty()) {
      return this;
    }
    List<Component> changed = withoutPeerComponents();
    if (changed.isEmpty()) {
      throw new ProtocolException(BAD_MULTIADDR, "an address of nothing but a peer: " + this);
    }
    return new Multiaddr(changed, encode(changed));
  }

  private List<Component> withoutPeerComponents() {
    return components.subList(0, components.size() - 1);
  }

  /** A copy of the binary form. */
  public byte[] bytes() {
    return bytes.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Multiaddr that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** The text form. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    components.forEach(text::append);
    return text.toString();
  }
}
