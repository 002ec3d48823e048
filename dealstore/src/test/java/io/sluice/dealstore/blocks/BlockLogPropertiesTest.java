package io.sluice.dealstore.blocks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.sluice.dealstore.blocks.log.BlockLogConfig;
import io.sluice.dealstore.blocks.log.LogEntry;
import io.sluice.dealstore.blocks.log.RootTag;
import io.sluice.dealstore.disk.DiskWatch;
import io.sluice.protocol.car.CarWriter;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store and its log under anything that can be done to them, against a model of both. */
class BlockLogPropertiesTest {
  private static final BlockStoreConfig SMALL = new BlockStoreConfig(1 << 20, 6, 0);
  private static final int STEPS = 120;

  @TempDir Path directory;
  private final long seed = Long.getLong("sluice.seed", System.nanoTime());
  private final Random random = new Random(seed);
  private final ExecutorService hashing = Executors.newFixedThreadPool(1);
  private final List<Block> blocks = TestBlocks.some(61, 40, 60);
  private final Map<Path, List<Block>> archives = new HashMap<>();
  private final List<String> done = new ArrayList<>();
  private FileBlockStore store;
  private Path folder;
  private int copies;

  // the model

  private final Set<Cid> own = new LinkedHashSet<>();
  private final Set<Path> served = new HashSet<>();
  private final Map<Cid, Long> numbers = new HashMap<>();
  private final List<Cid> pending = new ArrayList<>();
  private final Map<Cid, Set<RootTag>> listings = new HashMap<>();
  private final Set<RootTag> ended = new HashSet<>();
  private long cursor;

  private void open() throws IOException {
    BlockLogConfig config =
        new BlockLogConfig(new Random(random.nextLong()), Duration.ZERO, 1 + random.nextInt(30));
    store = FileBlockStore.open(folder, SMALL, config, DiskWatch.NONE);
  }

  private void number(Cid cid) {
    numbers.put(cid, ++cursor);
  }

  private void sync() {
    pending.forEach(this::number);
    pending.clear();
  }

  private boolean isHere(Cid cid) {
    return own.contains(cid) || served.stream().anyMatch(car -> has(car, cid));
  }

  private boolean has(Path car, Cid cid) {
    return archives.get(car).stream().anyMatch(block -> block.cid().equals(cid));
  }

  private void forgetTheAbsent() {
    numbers.keySet().removeIf(cid -> !isHere(cid));
  }

  @Test
  void eachBlockThatIsHereHasOneNumber() throws Exception {
    System.out.println("sluice.seed=" + seed);
    folder = directory.resolve("store0");
    archive("one.car", blocks.subList(0, 8));
    archive("two.car", blocks.subList(6 + 2, 16));
    open();
    for (Block block : blocks.subList(4, 10)) { // before there is a log
      store.put(block);
      own.add(block.cid());
      pending.add(block.cid());
    }
    sync();
    assertEquals(cursor, store.log().cursor());
    for (int step = 0; step < STEPS; step++) {
      step();
      check();
    }
    store.close();
    hashing.close();
  }

  private void step() throws Exception {
    int choice = random.nextInt(100);
    if (choice < 50) {
      put(blocks.get(random.nextInt(blocks.size())));
    } else if (choice < 65) {
      say("sync");
      store.sync();
      sync();
    } else if (choice < 72) {
      reclaim();
    } else if (choice < 80) {
      list(blocks.get(random.nextInt(4)).cid());
    } else if (choice < 86) {
      serveOrStop(List.copyOf(archives.keySet()).get(random.nextInt(2)));
    } else if (choice < 93) {
      say("reopen");
      long epoch = store.log().epoch();
      store.close();
      open();
      sync();
      assertEquals(epoch, store.log().epoch(), this::story);
    } else {
      crash();
    }
  }

  private void say(String what) {
    done.add(what);
  }

  private String story() {
    return "sluice.seed=" + seed + " " + done;
  }

  private void put(Block block) throws IOException {
    say("put " + blocks.indexOf(block));
    store.put(block);
    if (!isHere(block.cid())) {
      pending.add(block.cid());
      own.add(block.cid());
    }
  }

  private void reclaim() throws IOException {
    Set<Cid> kept = new HashSet<>();
    for (Block block : blocks) {
      if (random.nextInt(3) > 0) {
        kept.add(block.cid());
      }
    }
    say("reclaim");
    store.reclaim(() -> kept);
    sync();
    for (Path car : List.copyOf(served)) {
      boolean needed =
          kept.contains(archives.get(car).getFirst().cid())
              || archives.get(car).stream()
                  .map(Block::cid)
                  .anyMatch(cid -> kept.contains(cid) && !own.contains(cid));
      if (!needed) {
        served.remove(car);
      }
    }
    own.retainAll(kept);
    forgetTheAbsent();
  }

  private void list(Cid root) throws IOException {
    Set<RootTag> here = listings.computeIfAbsent(root, it -> new HashSet<>());
    if (random.nextInt(3) > 0) {
      say("list " + root);
      sync();
      cursor++;
      here.add(store.log().listed(root, random.nextBoolean(), "name"));
      return;
    }
    RootTag theirs = new RootTag(9, random.nextInt(12));
    if (random.nextBoolean() && listings.values().stream().noneMatch(it -> it.contains(theirs))) {
      say("learn " + root + theirs);
      boolean news = store.log().learned(root, theirs, false, "");
      assertEquals(!ended.contains(theirs), news, this::story);
      if (news) {
        sync();
        cursor++;
        here.add(theirs);
      }
    } else {
      say("end " + root);
      boolean news = store.log().removed(root, here);
      assertEquals(!here.isEmpty(), news, this::story);
      cursor += news ? 1 : 0;
      ended.addAll(here);
      here.clear();
    }
  }

  private void serveOrStop(Path car) throws IOException {
    if (served.contains(car)) {
      say("stop " + car.getFileName());
      store.stopServing(car);
      served.remove(car);
      forgetTheAbsent();
    } else {
      say("serve " + car.getFileName());
      store.serveInPlace(car, hashing);
      for (Block block : archives.get(car)) {
        if (!isHere(block.cid())) {
          number(block.cid());
        }
      }
      served.add(car);
    }
  }

  /** What a process leaves that is killed now; as a copy, so that the log takes another epoch. */
  private void crash() throws IOException {
    say("crash");
    Path copy = directory.resolve("store" + ++copies);
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.toList()) {
        Path to = copy.resolve(folder.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(to);
        } else {
          Files.copy(file, to);
        }
      }
    }
    final long epoch = store.log().epoch();
    store.close();
    folder = copy;
    open();
    sync();
    assertNotEquals(epoch, store.log().epoch(), this::story);
  }

  private void check() throws IOException {
    Map<Cid, Long> told = new HashMap<>(numbers);
    List<LogEntry> entries = LogAssertions.all(store.log());
    assertEquals(told, LogAssertions.blocks(entries), this::story);
    assertEquals(cursor, store.log().cursor(), this::story);
    for (Map.Entry<Cid, Set<RootTag>> root : listings.entrySet()) {
      assertEquals(root.getValue(), store.log().listings(root.getKey()), this::story);
    }
    for (RootTag tag : ended) {
      assertEquals(true, store.log().ended(tag), this::story);
    }
    long listed = entries.stream().filter(entry -> entry.tag().isPresent()).count();
    assertEquals(listings.values().stream().mapToLong(Set::size).sum(), listed, this::story);
  }

  private void archive(String name, List<Block> held) throws IOException {
    Path path = directory.toRealPath().resolve(name);
    try (CarWriter writer =
        CarWriter.v1(
            FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            List.of(held.getFirst().cid()))) {
      for (Block block : held) {
        writer.write(block);
      }
    }
    archives.put(path, held);
  }
}
