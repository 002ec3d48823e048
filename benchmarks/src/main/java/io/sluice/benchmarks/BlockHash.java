package io.sluice.benchmarks;

import io.sluice.protocol.graphsync.wire.GsBlock;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The check of a block that has come: a client looks it up under the CID that its bytes have. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(time = 1)
@Measurement(time = 1)
public class BlockHash {
  private final Block block = Block.of(Codec.RAW, new RandomBytes().nextBuffer(256 << 10));
  private final GsBlock arrived = GsBlock.of(block.cid(), block.data());

  /** Sees that the block is found under its CID. */
  @Setup
  public void check() {
    Check.equal(block.cid(), verify());
  }

  /** The CID of one block of 256 KiB, by its prefix and its bytes. */
  @Benchmark
  public Cid verify() {
    return arrived.cid();
  }
}
