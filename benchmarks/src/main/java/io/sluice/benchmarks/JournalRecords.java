package io.sluice.benchmarks;

import io.sluice.fsm.JournalEntry;
import io.sluice.fsm.MachineId;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Node;
import java.util.concurrent.ExecutionException;
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

/** The journal's record of a paid deal's voucher, as dag-cbor: maps in maps, short values. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(time = 1)
@Measurement(time = 1)
public class JournalRecords {
  private Node record = Node.ofNull();
  private byte[] bytes = {};

  /** Takes the record of an engine, and sees that it is read as it was written. */
  @Setup
  public void check() throws ExecutionException, InterruptedException {
    MachineId id = new MachineId("c-1");
    try (ToldDeals deals = new ToldDeals()) {
      deals.agree(id);
      deals.progress(id, 1);
      deals.pay(id, 1);
      JournalEntry entry = deals.applied().entry();
      record = entry.toNode();
      bytes = encode();
      Check.equal(entry.hash(), JournalEntry.of(decode()).hash());
    }
  }

  /** One record becomes bytes. */
  @Benchmark
  public byte[] encode() {
    return DagCbor.encode(record);
  }

  /** One record is read from bytes. */
  @Benchmark
  public Node decode() {
    return DagCbor.decode(bytes);
  }
}
