package io.sluice.benchmarks;

import io.sluice.protocol.ipld.LinkLoader;
import io.sluice.protocol.ipld.Selectors;
import io.sluice.protocol.ipld.Walk;
import io.sluice.protocol.ipld.WalkBudget;
import io.sluice.protocol.ipld.WalkResult;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The walk that both ends of a transfer make, over a whole file whose blocks are in memory. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(time = 1)
@Measurement(time = 1)
public class WholeDagWalk {
  private static final int LEAVES = 1_000;

  /** With the root and the nodes between. */
  private static final int BLOCKS = LEAVES + 7;

  // A walk does not look into leaves, so small ones do.
  private final ImportedFile file = ImportedFile.of(LEAVES, 1 << 10);
  private final LinkLoader loader = LinkLoader.of(file.store());

  /** Sees that the walk comes by every block. */
  @Setup
  public void check() throws IOException, InterruptedException {
    Check.equal(new WalkResult(BLOCKS, 0, file.dag().dagBytes(), true), walk());
  }

  /** One block is loaded, decoded and walked through; 1,007 of them in a walk. */
  @Benchmark
  @OperationsPerInvocation(BLOCKS)
  public WalkResult walk() throws IOException, InterruptedException {
    return Walk.run(file.dag().cid(), Selectors.exploreAll(), loader, WalkBudget.DEFAULT);
  }
}
