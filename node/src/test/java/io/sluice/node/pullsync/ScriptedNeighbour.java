package io.sluice.node.pullsync;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.pullsync.Delivery;
import io.sluice.protocol.pullsync.Get;
import io.sluice.protocol.pullsync.Item;
import io.sluice.protocol.pullsync.MessageStream;
import io.sluice.protocol.pullsync.Offer;
import io.sluice.protocol.pullsync.Pullsync;
import io.sluice.protocol.pullsync.PullsyncMessage;
import io.sluice.protocol.pullsync.Want;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;

/** A neighbour that answers as a test tells it, however wrong, with the messages of the wire. */
final class ScriptedNeighbour {
  static final long EPOCH = 77;

  /** What came, in order. */
  final LinkedBlockingQueue<PullsyncMessage> heard = new LinkedBlockingQueue<>();

  private final List<ScriptStep> steps = new ArrayList<>();

  /** One thing that it does. */
  interface ScriptStep {
    void run(Stream stream, MessageStream messages) throws IOException;
  }

  ScriptedNeighbour(Host host) {
    host.handle(Pullsync.SYNC, this::serve);
    host.handle(Pullsync.CURSORS, this::serve);
  }

  private void serve(Stream stream) throws IOException {
    MessageStream messages = new MessageStream(stream);
    for (ScriptStep step : List.copyOf(steps)) {
      step.run(stream, messages);
    }
  }

  /** Reads a request. */
  ScriptedNeighbour hears() {
    return does(
        (stream, messages) -> heard.add(messages.read(Pullsync.REQUEST_BYTES).orElseThrow()));
  }

  ScriptedNeighbour says(PullsyncMessage... each) {
    return does(
        (stream, messages) -> {
          for (PullsyncMessage message : each) {
            messages.write(message);
          }
        });
  }

  ScriptedNeighbour says(byte[] bytes) {
    return does((stream, messages) -> stream.write(ByteBuffer.wrap(bytes)));
  }

  ScriptedNeighbour resets() {
    return does((stream, messages) -> stream.reset());
  }

  ScriptedNeighbour does(ScriptStep step) {
    steps.add(step);
    return this;
  }

  Get heardGet() throws InterruptedException {
    return (Get) heard.take();
  }

  Want heardWant() throws InterruptedException {
    return (Want) heard.take();
  }

  // ---- content

  static Block block(int number, int size) {
    byte[] data = new byte[size];
    new Random(number).nextBytes(data);
    return Block.of(Codec.RAW, ByteBuffer.wrap(data));
  }

  static List<Block> blocks(int count) {
    List<Block> blocks = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      blocks.add(block(i, 100 + i));
    }
    return blocks;
  }

  static Item item(long number, Block block) {
    return new Item(number, block.cid(), new Item.OfferedBlock(block.size()));
  }

  /** All of these, numbered from 1. */
  static Offer offer(List<Block> blocks) {
    List<Item> items = new ArrayList<>();
    for (Block block : blocks) {
      items.add(item(items.size() + 1L, block));
    }
    return new Offer(blocks.size(), items, EPOCH, true, blocks.size());
  }

  static Delivery delivery(Block block) {
    return Delivery.of(block.cid(), block.data());
  }

  /** The block's name on other bytes of the same length. */
  static Delivery corrupt(Block block) {
    ByteBuffer bytes = ByteBuffer.allocate(block.size()).put(block.data()).flip();
    bytes.put(0, (byte) (bytes.get(0) ^ 1));
    return Delivery.of(block.cid(), bytes);
  }
}
