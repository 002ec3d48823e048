package io.sluice.node.output;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.car.CarImporter;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.Links;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.unixfs.ImportOptions;
import io.sluice.protocol.unixfs.UnixFsImporter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RetrievedStreamTest {
  private static final int CHUNK = 1000;
  private final MemoryBlockStore there = new MemoryBlockStore();
  private final MemoryBlockStore here = new MemoryBlockStore();
  private final byte[] content = new byte[3 * CHUNK];
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private Cid root = Cid.parse("bafkqaaa");
  private List<Cid> leaves = List.of();

  @BeforeEach
  void content() throws IOException {
    new Random(3).nextBytes(content);
    try (ExecutorService hashing = Executors.newSingleThreadExecutor()) {
      root =
          new UnixFsImporter(there, ImportOptions.DEFAULT.withChunkBytes(CHUNK), hashing)
              .file(new ByteArrayInputStream(content))
              .cid();
    }
    leaves = Links.of(block(root));
  }

  private Block block(Cid cid) throws IOException {
    return there.get(cid).orElseThrow();
  }

  private RetrievedStream stream(WritableByteChannel out) throws Exception {
    return stream(out, Optional.empty());
  }

  private RetrievedStream stream(WritableByteChannel out, Optional<String> selector)
      throws Exception {
    return new RetrievedStream(
        here,
        WantedContent.of(
            new Requests.RetrieveRequest(
                root.toString(),
                List.of(),
                Optional.of("-"),
                false,
                false,
                Optional.empty(),
                Optional.empty(),
                selector,
                "token")),
        out,
        interrupted::countDown);
  }

  private void arrives(RetrievedStream stream, Cid cid) throws IOException {
    here.put(block(cid));
    stream.arrived();
  }

  @Test
  void givenBlocksThatCome_whenVerified_thenEachIsOutBeforeTheNext() throws Exception {
    PipedInputStream reader = new PipedInputStream(1 << 16);
    try (RetrievedStream stream = stream(Channels.newChannel(new PipedOutputStream(reader)))) {
      arrives(stream, root);
      for (int i = 0; i < leaves.size(); i++) {
        arrives(stream, leaves.get(i));
        assertArrayEquals(
            Arrays.copyOfRange(content, i * CHUNK, (i + 1) * CHUNK), reader.readNBytes(CHUNK));
      }
      assertEquals(List.of(), stream.finish());
    }
  }

  @Test
  void givenBlockThatNeverComes_whenTheEndIsThere_thenMissing() throws Exception {
    PipedInputStream reader = new PipedInputStream(1 << 16);
    try (RetrievedStream stream = stream(Channels.newChannel(new PipedOutputStream(reader)))) {
      arrives(stream, root);
      arrives(stream, leaves.getFirst());

      assertEquals(DealCode.NOT_FOUND, assertThrows(ServiceException.class, stream::finish).code());
    }
  }

  @Test
  void givenReaderThatGoes_whenWritten_thenTheRetrievalIsInterruptedAndWhyIsSaid()
      throws Exception {
    PipedInputStream reader = new PipedInputStream(1 << 16);
    WritableByteChannel out = Channels.newChannel(new PipedOutputStream(reader));
    reader.close();
    try (RetrievedStream stream = stream(out)) {
      arrives(stream, root);
      leaves.forEach(leaf -> assertDoes(() -> arrives(stream, leaf)));
      interrupted.await();
      assertThrows(ServiceException.class, stream::finish); // so that it has ended

      ServiceException parked =
          new ServiceException(
              DealCode.INTERRUPTED, "interrupted; 5 paid for 9 bytes, the same command goes on");
      assertEquals(ErrorCode.IO, stream.reasonOf(parked).code());
      assertTrue(stream.reasonOf(parked).reason().endsWith("; " + parked.reason()));
      ServiceException other = new ServiceException(DealCode.TIMEOUT, "silent");
      assertSame(other, stream.reasonOf(other));
    }
  }

  /** A stream is a CAR of what was selected, as a file is, whatever else is here. */
  @Test
  void givenASelector_thenNothingElseIsInTheStream() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Cid leaf : leaves) {
      here.put(block(leaf));
    }
    String onlyTheRoot = "{\".\":{}}";
    try (RetrievedStream stream = stream(Channels.newChannel(out), Optional.of(onlyTheRoot))) {
      arrives(stream, root);
      stream.finish();
    }

    MemoryBlockStore read = new MemoryBlockStore();
    try (ExecutorService hashing = Executors.newSingleThreadExecutor();
        CarReader car =
            CarReader.open(
                Channels.newChannel(new ByteArrayInputStream(out.toByteArray())),
                CarLimits.DEFAULT)) {
      new CarImporter(read, hashing).read(car);
    }
    assertTrue(read.has(root));
    assertEquals(1, read.count());
  }

  private interface Act {
    void run() throws IOException;
  }

  private static void assertDoes(Act act) {
    org.junit.jupiter.api.Assertions.assertDoesNotThrow(act::run);
  }
}
