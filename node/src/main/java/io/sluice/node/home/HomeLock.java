package io.sluice.node.home;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** The right to open a home: one process at a time. The system lets go of it at any death. */
public final class HomeLock implements AutoCloseable {
  private final FileChannel channel;

  private HomeLock(FileChannel channel) {
    this.channel = channel;
  }

  /** Takes the lock; empty if somebody else has it. */
  public static Optional<HomeLock> tryTake(Home home) throws IOException {
    FileChannel channel =
        FileChannel.open(home.lockFile(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return Optional.of(new HomeLock(channel));
      }
    } catch (OverlappingFileLockException e) {
      // another node of this very process
    }
    channel.close();
    return Optional.empty();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
