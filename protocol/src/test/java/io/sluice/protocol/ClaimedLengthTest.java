package io.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.netty.handler.codec.DecoderException;
import io.sluice.protocol.car.ByteSource;
import io.sluice.protocol.car.CarFile;
import io.sluice.protocol.car.CarIndex;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.car.CarReader;
import io.sluice.protocol.datatransfer.TransferCodec;
import io.sluice.protocol.graphsync.wire.FrameReader;
import io.sluice.protocol.graphsync.wire.ReceiveMemory;
import io.sluice.protocol.graphsync.wire.RequestNumbers;
import io.sluice.protocol.graphsync.wire.WireVersion;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.DagPb;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.ipld.MemoryBlockStore;
import io.sluice.protocol.ipld.PbLink;
import io.sluice.protocol.ipld.PbNode;
import io.sluice.protocol.ipld.Selector;
import io.sluice.protocol.ipld.UnixFsFields;
import io.sluice.protocol.libp2p.PeerClaims;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.Codec;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.Multihash;
import io.sluice.protocol.protobuf.ProtobufReader;
import io.sluice.protocol.pullsync.MessageStream;
import io.sluice.protocol.pullsync.Pullsync;
import io.sluice.protocol.unixfs.ByteRange;
import io.sluice.protocol.unixfs.UnixFsReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mockito.Answers;
import org.mockito.Mockito;

/**
 * Every decoder whose memory a length from outside could size, fed a length as large as can be
 * written with one byte behind it. What it allocates is what came, or a small constant: never what
 * was claimed. A new decoder belongs in this list.
 */
public class ClaimedLengthTest {
  /** Buffers that stand ready whatever comes, and the exception. */
  private static final long MOST_BYTES = 256 << 10;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir private static Path folder;

  /** Something read that claims more than there is. */
  public record Claim(String name, Read read) {
    /** Reads it. */
    public interface Read {
      void run() throws Exception;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static ByteBuffer hex(String digits) {
    return ByteBuffer.wrap(HexFormat.of().parseHex(digits));
  }

  private static Claim claim(String name, Claim.Read read) {
    return new Claim(name, read);
  }

  static List<Claim> claims() {
    List<Claim> claims = new ArrayList<>(PeerClaims.all());
    // frames and messages
    claims.add(claim("graphsync frame of 4 MiB", () -> frame("80808002", 1)));
    claims.add(claim("graphsync frame of 4 MiB, half unproven", () -> frame("80808002", 32 << 10)));
    String[] cbor = {
      "5affffffff00", "5b7fffffffffffffff00", "7affffffff00", "7b7fffffffffffffff00",
      "9affffffff00", "9b7fffffffffffffff00", "baffffffff00", "bb7fffffffffffffff00",
      "d82a5affffffff00", "9a000003e8".repeat(200) + "00"
    };
    for (String bytes : cbor) {
      String name = bytes.length() > 40 ? "lists in lists of 1000" : bytes;
      claims.add(claim("dag-cbor " + name, () -> DagCbor.decode(hex(bytes), Limits.MESSAGE)));
      claims.add(
          claim("dag-cbor strict " + name, () -> DagCbor.decodeStrict(hex(bytes), Limits.BLOCK)));
      claims.add(
          claim("graphsync 2.0.0 " + name, () -> message(WireVersion.V2, "a163677332" + bytes)));
      claims.add(claim("transfer message " + name, () -> TransferCodec.decode(hex(bytes))));
    }
    for (String bytes : List.of("12ffffffff0700", "1affffffffffffffff7f00", "22ffffffff0700")) {
      claims.add(claim("graphsync 1.0.0 " + bytes, () -> message(WireVersion.V1, bytes)));
      claims.add(claim("dag-pb " + bytes, () -> DagPb.decode(hex(bytes))));
      claims.add(claim("protobuf " + bytes, () -> protobuf(hex(bytes))));
      claims.add(claim("unixfs " + bytes, () -> UnixFsFields.decode(hex("0802" + bytes))));
    }
    claims.add(claim("pullsync message of 4 MiB", () -> pullsync("80828002")));
    claims.add(claim("pullsync, item of 2^62", () -> pullsync("0d220b12ffffffffffffffff3f00")));
    claims.add(claim("pullsync, data of 2^31", () -> pullsync("09320712ffffffff0700")));
    // names
    claims.add(
        claim("CID, digest of 2^62", () -> Cid.of(hex("015512ffffffffffffffff3f00").array())));
    claims.add(
        claim("multihash of 2^62", () -> Multihash.of(hex("12ffffffffffffffff3f00").array())));
    claims.add(
        claim("address, name of 2^62", () -> Multiaddr.of(hex("36ffffffffffffffff3f00").array())));
    // content
    claims.add(
        claim(
            "selector, range of 2^62",
            () -> selector("a16172a3615e1b3fffffffffffffff612400613ea1612ea0")));
    claims.add(claim("file of 2^62", () -> unixfs("08 02 18 ffffffffffffffff3f", false)));
    claims.add(
        claim("file with a part of 2^62", () -> unixfs("08 02 20 ffffffffffffffff3f", true)));
    claims.add(claim("packed sizes of 2^31", () -> unixfs("08 02 22 ffffffff07", true)));
    claims.add(claim("shard of 2^62", () -> unixfs("08 05 28 22 30 80808080808080804 0", true)));
    claims.add(claim("shard of 1024", () -> unixfs("08 05 28 22 30 8008", true)));
    // archives
    for (String bytes :
        List.of(
            "ffff0300",
            "ffffffffffffffff7f00",
            HEADER + "ffff7f00",
            HEADER + "ffffffffffffffff7f00")) {
      claims.add(claim("CAR read " + bytes, () -> read(bytes)));
      claims.add(claim("CAR opened " + bytes, () -> open(bytes)));
    }
    String v2 = "0aa16776657273696f6e02" + "00".repeat(16);
    for (String sizes :
        List.of(
            "3300000000000000ffffffffffffff7f0000000000000000",
            "ffffffffffffff3fffffffffffffff3f3300000000000000")) {
      claims.add(claim("CAR 2 read " + sizes, () -> read(v2 + sizes + "00")));
      claims.add(claim("CAR 2 opened " + sizes, () -> open(v2 + sizes + "00")));
    }
    for (String index :
        List.of(
            "8008" + "ffffff7f",
            "8008" + "01000000" + "28000000" + "ffffffffffffff7f",
            "8108" + "ffffff7f",
            "8108" + "01000000" + "1200000000000000" + "ffffff7f")) {
      claims.add(claim("index " + index, () -> CarIndex.open(ByteSource.of(hex(index + "00")), 0)));
    }
    return claims;
  }

  /** {@code {"roots": [], "version": 1}} behind its length. */
  private static final String HEADER = "11a265726f6f7473806776657273696f6e01";

  private static void pullsync(String bytes) throws IOException {
    new MessageStream(stream(hex(bytes + "00"))).read(Pullsync.MESSAGE_BYTES);
  }

  private static void frame(String length, int behind) throws IOException {
    ByteBuffer in = ByteBuffer.allocate(4 + behind).put(hex(length)).position(0);
    FrameReader.Activity nobody =
        Mockito.mock(FrameReader.Activity.class, Mockito.withSettings().stubOnly());
    new FrameReader(
            stream(in), Duration.ZERO, Duration.ZERO, nobody, new ReceiveMemory(4 << 20, 4 << 20))
        .next();
  }

  private static Stream stream(ByteBuffer in) {
    return Mockito.mock(
        Stream.class,
        Mockito.withSettings()
            .stubOnly()
            .defaultAnswer(
                call -> {
                  if (!call.getMethod().getName().equals("read")) {
                    return Answers.RETURNS_DEFAULTS.answer(call);
                  }
                  ByteBuffer to = call.getArgument(0);
                  int count = Math.min(to.remaining(), in.remaining());
                  to.put(in.slice(in.position(), count));
                  in.position(in.position() + count);
                  return count == 0 ? -1 : count;
                }));
  }

  private static void message(WireVersion version, String bytes) {
    version.decode(hex(bytes), new RequestNumbers());
  }

  private static void protobuf(ByteBuffer bytes) {
    ProtobufReader fields = new ProtobufReader(bytes, ProtobufReader.Dialect.IPLD);
    while (fields.next()) {
      fields.bytes();
    }
  }

  private static void selector(String bytes) {
    Selector.parse(DagCbor.decode(hex(bytes).array()));
  }

  private static void unixfs(String data, boolean linked) throws Exception {
    MemoryBlockStore store = new MemoryBlockStore();
    Block leaf = Block.of(Codec.RAW, ByteBuffer.wrap(new byte[1]));
    store.put(leaf);
    ByteBuffer fields = hex(data.replace(" ", ""));
    byte[] link =
        DagPb.encode(
            new PbNode(
                Optional.of(fields), linked ? List.of(PbLink.of("", 1, leaf.cid())) : List.of()));
    Block block = Block.of(Codec.DAG_PB, ByteBuffer.wrap(link));
    store.put(block);
    try (var hashing = Executors.newSingleThreadExecutor()) {
      UnixFsReader reader = new UnixFsReader(store, hashing);
      try {
        reader.list(block.cid(), entry -> {});
      } catch (ProtocolException e) {
        reader.copy(
            block.cid(), ByteRange.ALL, Channels.newChannel(OutputStream.nullOutputStream()));
      }
    }
  }

  private static void read(String bytes) throws IOException {
    try (CarReader car =
        CarReader.open(
            Channels.newChannel(new ByteArrayInputStream(hex(bytes).array())), CarLimits.DEFAULT)) {
      car.next();
    }
  }

  private static void open(String bytes) throws IOException {
    Path file = folder.resolve("claim.car");
    Files.write(file, hex(bytes).array());
    try (CarFile car = CarFile.open(file, CarLimits.DEFAULT)) {
      car.payload().entryAt(car.payload().firstSection());
      car.index();
    }
  }

  @ParameterizedTest
  @MethodSource("claims")
  void givenAClaim_thenMemoryIsForWhatCame(Claim claim) {
    long least = Long.MAX_VALUE;
    // The first time loads classes; once is enough to show what reading takes.
    for (int i = 0; i < 5 && least > MOST_BYTES; i++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      try {
        claim.read().run();
      } catch (DecoderException | ProtocolException | IOException refused) {
        assertTrue(!refused.getMessage().isEmpty());
      } catch (Exception e) {
        throw new AssertionError("refused without saying why", e);
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    long bytes = least;
    assertTrue(bytes <= MOST_BYTES, () -> bytes + " bytes were allocated");
  }
}
