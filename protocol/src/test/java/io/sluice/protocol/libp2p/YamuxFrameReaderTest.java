package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sluice.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamuxFrameReaderTest {

  /** Writes down what it hears, bodies joined. */
  private static final class Recorder implements YamuxFrameReader.FrameHandler {
    final List<String> heard = new ArrayList<>();
    private final StringBuilder body = new StringBuilder();

    @Override
    public void onControl(int type, int flags, int id, long length) {
      heard.add("control " + type + " " + flags + " " + id + " " + length);
    }

    @Override
    public void onData(int flags, int id, long length) {
      heard.add("data " + flags + " " + id + " " + length);
    }

    @Override
    public void onBody(ByteBuf slice) {
      byte[] bytes = new byte[slice.readableBytes()];
      slice.readBytes(bytes);
      slice.release();
      body.append(HexFormat.of().formatHex(bytes));
    }

    @Override
    public void onDataEnd(int flags, int id) {
      heard.add("end " + flags + " " + id + " " + body);
      body.setLength(0);
    }
  }

  private static final byte[] WIRE =
      IdentityTest.hex(
          "000100010000000100000000" // open stream 1
              + "000000000000000100000003aabbcc" // three bytes
              + "000000040000000100000000" // no bytes, and the end
              + "000100080000000100001002" // reset with a code
              + "000200010000000000000007" // ping
              + "0001000000000001ffffffff" // the largest update
              + "000300000000000000000001"); // go away

  private static final List<String> FRAMES =
      List.of(
          "control 1 1 1 0",
          "data 0 1 3",
          "end 0 1 aabbcc",
          "data 4 1 0",
          "end 4 1 ",
          "control 1 8 1 4098",
          "control 2 1 0 7",
          "control 1 0 1 4294967295",
          "control 3 0 0 1");

  @Test
  void givenTwoCutsAnywhere_thenSameFrames() {
    for (int first = 0; first <= WIRE.length; first++) {
      for (int second = first; second <= WIRE.length; second++) {
        Recorder recorder = new Recorder();
        YamuxFrameReader reader = new YamuxFrameReader(recorder);

        reader.read(Unpooled.wrappedBuffer(WIRE, 0, first));
        reader.read(Unpooled.wrappedBuffer(WIRE, first, second - first));
        reader.read(Unpooled.wrappedBuffer(WIRE, second, WIRE.length - second));

        assertEquals(FRAMES, recorder.heard);
      }
    }
  }

  @Test
  void givenRandomBytes_thenFramesOrTypedError() {
    Random random = new Random(4711);
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = new byte[random.nextInt(200)];
      random.nextBytes(bytes);
      bytes = MultistreamTest.concat(new byte[] {0, (byte) random.nextInt(5)}, bytes);
      try {
        new YamuxFrameReader(new Recorder()).read(Unpooled.wrappedBuffer(bytes));
      } catch (ProtocolException expected) {
        assertEquals("FRAME_VIOLATION", expected.code());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"010000000000000100000000", "000400000000000100000000"})
  void givenUnknownVersionOrType_thenTypedError(String header) {
    YamuxFrameReader reader = new YamuxFrameReader(new Recorder());

    assertThrows(
        ProtocolException.class,
        () -> reader.read(Unpooled.wrappedBuffer(IdentityTest.hex(header))));
  }
}
