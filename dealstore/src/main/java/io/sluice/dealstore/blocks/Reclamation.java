package io.sluice.dealstore.blocks;

import io.sluice.dealstore.disk.Directories;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.protocol.car.CarEntry;
import io.sluice.protocol.multiformats.Multihash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back the room of blocks that nobody needs: a file that holds some is written anew without
 * them, which is to say that what stays of it goes behind all other blocks, is synced, and only
 * then the file goes. Between any two of these steps a process may die, and nothing is lost: a
 * block is here twice for a while. The lock of who appends is held for one file at a time.
 */
final class Reclamation {
  private static final Logger log = LoggerFactory.getLogger(Reclamation.class);

  private final FileBlockStore store;
  private final StoredBlocks stored;
  private final Path directory;
  private final DiskWatch watch;

  Reclamation(FileBlockStore store, StoredBlocks stored, Path directory, DiskWatch watch) {
    this.store = store;
    this.stored = stored;
    this.directory = directory;
    this.watch = watch;
  }

  /**
   * Gives back what lies beneath none of some roots.
   *
   * @param meanwhile what is put or looked for while this runs; it stays
   */
  Reclaimed of(NeededRoots roots, Set<Multihash> meanwhile) throws IOException {
    if (store.numbers().isPresent()) {
      store.sync(); // what came before has its number; what comes from here on is noted
    }
    BlocksInUse inUse = new BlocksInUse(store, stored, roots, meanwhile);
    inUse.refresh();
    Reclaimed freed = Reclaimed.NOTHING;
    for (BlockFile file : stored.sealedNow().all()) {
      inUse.refresh();
      if (file instanceof SealedFile sealed) {
        freed = freed.plus(reclaim(sealed, entry -> inUse.holds(file, entry)));
      } else if (file instanceof ExternalFile archive && !inUse.reach(archive)) {
        store.stopServing(archive.path());
      }
    }
    for (Path lost : ExternalFile.lost(directory, inUse::needNone)) {
      store.stopServing(lost);
    }
    return freed;
  }

  private Reclaimed reclaim(SealedFile file, Predicate<CarEntry> needed) throws IOException {
    stored.appending().lock();
    try {
      stored.checkWhole();
      Predicate<CarEntry> stays = needed.and(stored.damaged().in(file)::sound);
      if (!Sections.wellFormed(file.payload())) {
        log.warn("{} is damaged; its room is not given back", file.path());
        return Reclaimed.NOTHING;
      }
      if (Sections.stream(file.payload()).allMatch(stays)) {
        return Reclaimed.NOTHING;
      }
      Set<Long> moved = new HashSet<>();
      moveOut(file, stays, moved);
      watch.before(file.path(), DiskWatch.Change.DELETE);
      stored.replace(stored.files().without(file.name()));
      try {
        // Who looked for a block meanwhile may have found it here; whoever looks from now on does
        // not.
        moveOut(file, stays, moved);
        store
            .sync(); // also that those moved are not new: the next start cannot see where they were
        Files.delete(file.path());
      } catch (IOException | RuntimeException e) {
        stored.replace(stored.files().with(file)); // it is still there
        throw e;
      }
      Reclaimed gone =
          Sections.stream(file.payload())
              .filter(entry -> !moved.contains(entry.offset()))
              .map(entry -> new Reclaimed(1, entry.dataLength()))
              .reduce(Reclaimed.NOTHING, Reclaimed::plus);
      Directories.force(file.path(), watch);
      stored.damaged().forget(file);
      file.close();
      return gone;
    } finally {
      stored.appending().unlock();
    }
  }

  /** Writes what stays to the active file; durable when this returns, so the old file may go. */
  private void moveOut(SealedFile file, Predicate<CarEntry> stays, Set<Long> moved)
      throws IOException {
    Optional<FileBlockLog> known = store.numbers();
    if (known.isPresent()) {
      known.get().moving();
    }
    try {
      for (CarEntry entry : Sections.of(file.payload())) {
        if (!moved.contains(entry.offset()) && stays.test(entry)) {
          stored.append(file.payload().block(entry));
          moved.add(entry.offset());
        }
      }
    } finally {
      known.ifPresent(FileBlockLog::moved);
    }
    stored.files().active().sync();
  }
}
