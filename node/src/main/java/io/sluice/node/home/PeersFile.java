package io.sluice.node.home;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/**
 * The addresses of known peers: a text that people may edit, one multiaddr with a peer id a line;
 * empty lines and those that begin with # are kept. Read anew each time, so that an edit counts at
 * once. Safe for use from many threads of one process.
 */
public final class PeersFile {
  private static final int MAX_BYTES = 1 << 20;

  private final Path path;

  /** The file need not be there. */
  public PeersFile(Path path) {
    this.path = path;
  }

  /**
   * All peers with their addresses, without the peer id at the end, in the order of the file.
   *
   * @throws ServiceException {@code BAD_CONFIG} if a line is not an address with a peer id
   */
  public synchronized SequencedMap<PeerId, Set<Multiaddr>> all()
      throws IOException, ServiceException {
    SequencedMap<PeerId, Set<Multiaddr>> peers = new LinkedHashMap<>();
    List<String> lines = lines();
    for (int i = 0; i < lines.size(); i++) {
      Optional<Multiaddr> address = address(lines.get(i), i + 1);
      address.ifPresent(
          each ->
              peers
                  .computeIfAbsent(each.peerId().orElseThrow(), peer -> new LinkedHashSet<>())
                  .add(each.withoutPeer()));
    }
    return peers;
  }

  /** Adds an address that names its peer; one that is there already stays as it is. */
  public synchronized void add(Multiaddr address) throws IOException, ServiceException {
    List<String> lines = new ArrayList<>(lines());
    for (int i = 0; i < lines.size(); i++) {
      if (address(lines.get(i), i + 1).filter(address::equals).isPresent()) {
        return;
      }
    }
    lines.add(address.toString());
    write(lines);
  }

  /**
   * Takes out an address, or all of a peer.
   *
   * @param address empty for all of them
   * @return whether there was one
   */
  public synchronized boolean remove(PeerId peer, Optional<Multiaddr> address)
      throws IOException, ServiceException {
    List<String> before = lines();
    List<String> after = new ArrayList<>();
    for (int i = 0; i < before.size(); i++) {
      Optional<Multiaddr> there = address(before.get(i), i + 1);
      boolean meant =
          there.isPresent()
              && there.get().peerId().orElseThrow().equals(peer)
              && (address.isEmpty() || there.equals(address));
      if (!meant) {
        after.add(before.get(i));
      }
    }
    if (after.size() == before.size()) {
      return false;
    }
    write(after);
    return true;
  }

  private Optional<Multiaddr> address(String line, int number) throws ServiceException {
    String text = line.strip();
    if (text.isEmpty() || text.startsWith("#")) {
      return Optional.empty();
    }
    try {
      Multiaddr address = Multiaddr.parse(text);
      if (address.peerId().isPresent() && address.components().size() > 1) {
        return Optional.of(address);
      }
    } catch (ProtocolException e) {
      throw bad(number, text, String.valueOf(e.getMessage()));
    }
    throw bad(number, text, "it has to name address and peer");
  }

  private ServiceException bad(int number, String text, String why) {
    return new ServiceException(
        ErrorCode.BAD_CONFIG, "%s, line %d: '%s': %s".formatted(path, number, text, why));
  }

  private List<String> lines() throws IOException, ServiceException {
    if (!Files.exists(path)) {
      return List.of();
    }
    if (Files.size(path) > MAX_BYTES) {
      throw new ServiceException(
          ErrorCode.BAD_CONFIG, "%s is larger than %d bytes".formatted(path, MAX_BYTES));
    }
    try {
      return Files.readAllLines(path);
    } catch (CharacterCodingException e) {
      throw new ServiceException(ErrorCode.BAD_CONFIG, path + ": not a text in UTF-8", e);
    }
  }

  /** Whole or not at all: it may be read at any moment. */
  private void write(List<String> lines) throws IOException {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    Files.write(fresh, lines);
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Whether a peer is named, for those who cannot do anything about a file that is not right. */
  public boolean names(PeerId peer) {
    try {
      return all().containsKey(peer);
    } catch (IOException | ServiceException unreadable) {
      return false;
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
