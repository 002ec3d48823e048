package io.sluice.benchmarks;

import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.DagPb;
import io.sluice.protocol.ipld.PbNode;
import java.nio.ByteBuffer;
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

/** Inner nodes of files: dag-pb with 174 links, as many as the importer puts into one. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(time = 1)
@Measurement(time = 1)
public class FileNodes {
  private static final int LINKS = 174;

  private final Block block = ImportedFile.of(LINKS, 64).root();
  private final PbNode node = DagPb.decode(block.data());

  /** Sees that the node is that of the importer, read and written. */
  @Setup
  public void check() {
    Check.equal(LINKS, node.links().size());
    Check.equal(block.data(), ByteBuffer.wrap(encode()));
    Check.equal(node, decode());
  }

  /** One node becomes a block. */
  @Benchmark
  public byte[] encode() {
    return DagPb.encode(node);
  }

  /** One block is read as a node. */
  @Benchmark
  public PbNode decode() {
    return DagPb.decode(block.data());
  }
}
