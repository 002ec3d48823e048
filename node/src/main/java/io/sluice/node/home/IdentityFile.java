package io.sluice.node.home;

import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.payments.voucher.LockedSecret;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.libp2p.Identity;
import io.sluice.protocol.multiformats.PeerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file of the key that peers know a node by: its peer id in clear, for all that is done without
 * peers, and the key behind the home's passphrase.
 *
 * <p>A hash of all above it ends the file. No secret is in it; it tells a file that was damaged
 * from a passphrase that is wrong, and keeps a damaged name from being shown as this node's. Before
 * version 0.2 the file was the key itself; {@link #read} takes that, too.
 */
final class IdentityFile {
  private static final Pattern PEER =
      Pattern.compile("\\A\\{\n {2}\"version\": 1,\n {2}\"peerId\": \"([0-9A-Za-z]{1,128})\",\n");

  private static final String END_BEGINS = "  \"sha256\"";

  /** Many times what there is: whatever is larger is no such file. */
  private static final long MAX_BYTES = 16 << 10;

  private final Path path;

  IdentityFile(Path path) {
    this.path = path;
  }

  /** What an identity's file has. */
  sealed interface StoredIdentity {
    /** Whose it is. */
    PeerId peerId();

    /** The key itself, as earlier versions kept it. */
    record Plain(Identity identity) implements StoredIdentity {
      @Override
      public PeerId peerId() {
        return identity.peerId();
      }
    }

    /** The key behind a passphrase. */
    record Locked(PeerId peerId, LockedSecret key) implements StoredIdentity {}
  }

  /**
   * What is in the file; derives nothing.
   *
   * @throws IOException if it cannot be read
   * @throws ProtocolException if it is damaged
   */
  StoredIdentity read() throws IOException {
    if (Files.size(path) > MAX_BYTES) {
      throw damaged("it is too large");
    }
    return parse(Files.readAllBytes(path));
  }

  static StoredIdentity parse(byte[] bytes) {
    if (bytes.length == 0 || bytes[0] != '{') {
      return new StoredIdentity.Plain(Identity.decode(bytes));
    }
    // What is not ASCII is not in the form, whatever it becomes here.
    String text = new String(bytes, StandardCharsets.US_ASCII);
    int end = text.lastIndexOf(END_BEGINS);
    Matcher peer = PEER.matcher(text);
    Optional<LockedSecret> key = LockedSecret.find(text);
    if (end < 0 || !text.equals(ended(text.substring(0, end))) || !peer.find() || key.isEmpty()) {
      throw damaged("its parts do not fit together");
    }
    return new StoredIdentity.Locked(PeerId.parse(peer.group(1)), key.get());
  }

  /**
   * The key itself. Takes the time of its derivation.
   *
   * @throws io.sluice.payments.voucher.WrongPassphraseException if the passphrase is another one
   * @throws ProtocolException if it is not the key of the peer beside it
   */
  static Identity open(StoredIdentity.Locked stored, String passphrase) throws IOException {
    Identity identity = Identity.ofSeed(stored.key().open(passphrase));
    if (!identity.peerId().equals(stored.peerId())) {
      throw damaged("it says %s, and has another key".formatted(stored.peerId()));
    }
    return identity;
  }

  private static ProtocolException damaged(String how) {
    return new ProtocolException("DECODE_MALFORMED", "the identity is damaged: " + how);
  }

  /**
   * Puts the identity in place, whole or not at all; durable when this returns. Takes the time of a
   * derivation.
   */
  void write(Identity identity, String passphrase, int scryptN) throws IOException {
    String locked = LockedSecret.lock(identity.seed(), passphrase, scryptN).text();
    String above =
        """
        {
          "version": 1,
          "peerId": "%s",
        %s,
        """
            .formatted(identity.peerId(), locked);
    byte[] text = ended(above).getBytes(StandardCharsets.US_ASCII);
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(fresh); // of a run that was cut off
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Directories.force(path, DiskWatch.NONE);
  }

  private static String ended(String above) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] hash = digest.digest(above.getBytes(StandardCharsets.UTF_8));
      return above
          + """
            "sha256": "%s"
          }
          """
              .formatted(HexFormat.of().formatHex(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
