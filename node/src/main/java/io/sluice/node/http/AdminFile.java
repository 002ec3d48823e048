package io.sluice.node.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * How commands find whoever has their home open, the running node or a command that takes long:
 * {@code run/admin.json}, written once the admin API listens, readable by the owner alone.
 *
 * @param url where it listens, such as {@code http://127.0.0.1:41234}
 * @param token the secret that every call has to bring
 * @param node whether a node stays there, rather than a command that will be done
 */
public record AdminFile(String url, String token, boolean node) {
  private static final String NAME = "admin.json";

  /** Writes the file whole or not at all. */
  public void write(Path runDirectory) throws IOException {
    Files.createDirectories(runDirectory);
    Path fresh = runDirectory.resolve(NAME + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (FileChannel file = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(Json.write(this).getBytes(StandardCharsets.UTF_8)));
      file.force(true);
    }
    Files.move(
        fresh,
        runDirectory.resolve(NAME),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** Reads the file, if it is there and whole. */
  public static Optional<AdminFile> read(Path runDirectory) {
    try {
      String text = Files.readString(runDirectory.resolve(NAME));
      return Optional.of(Json.read(text, AdminFile.class));
    } catch (IOException e) {
      return Optional.empty(); // not there, or not yet: the caller waits or gives up
    }
  }

  /** Whether somebody listens there: a node that was killed leaves its file behind. */
  public boolean answers() {
    URI address = URI.create(url);
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address.getHost(), address.getPort()), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** Takes the file away when the node ends. */
  public static void remove(Path runDirectory) throws IOException {
    Files.deleteIfExists(runDirectory.resolve(NAME));
  }
}
