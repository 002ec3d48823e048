package io.sluice.protocol.libp2p;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A peer written by hand, step by step: Noise without a word on multiplexers, so that yamux is
 * negotiated inside of it. What it sends arrives byte by byte.
 */
@Timeout(60)
class OldPeerTest {
  private static final byte[] NOTHING = {};
  private static final byte[] PING = IdentityTest.hex("000200010000000000000007");

  private final Identity identity = Identity.generate();

  /**
   * @param before what it proposes first, such as the simultaneous open that go-libp2p had once
   */
  @ParameterizedTest
  @ValueSource(strings = {"/plaintext/2.0.0", "/libp2p/simultaneous-connect"})
  void givenNoEarlyMuxer_whenBytesComeOneByOne_thenConnected(String before) throws Exception {
    try (Host host =
            Libp2pHost.start(
                HostConfig.of(Identity.generate()).listeningOn("/ip4/127.0.0.1/tcp/0"));
        Socket socket = connect(host)) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      drip(out, Multistream.encode(Multistream.HEADER, before, "/noise"));
      assertArrayEquals(
          Multistream.encode(Multistream.HEADER, "na", "/noise"), in.readNBytes(20 + 4 + 8));

      NoiseHandshake.CipherPair noise = shakeHands(host, in, out);
      drip(out, sealed(noise, Multistream.encode(Multistream.HEADER, Yamux.PROTOCOL)));
      InputStream plain = opened(noise, in, 20 + 14);
      assertArrayEquals(
          Multistream.encode(Multistream.HEADER, Yamux.PROTOCOL), plain.readNBytes(20 + 14));

      drip(out, sealed(noise, PING));
      assertPong(noise, in);
      assertEquals(1, host.connectionCount());
    }
  }

  private static Socket connect(Host host) throws IOException {
    int port = Integer.parseInt(host.addresses().getFirst().components().get(1).value());
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setTcpNoDelay(true);
    return socket;
  }

  private NoiseHandshake.CipherPair shakeHands(Host host, DataInputStream in, OutputStream out)
      throws IOException {
    byte[] staticSecret = new byte[32];
    byte[] ephemeralSecret = new byte[32];
    Arrays.fill(staticSecret, (byte) 3);
    Arrays.fill(ephemeralSecret, (byte) 5);
    NoiseHandshake handshake = new NoiseHandshake(true, staticSecret, ephemeralSecret);
    drip(out, framed(handshake.write(NOTHING)));
    NoisePayload told = NoisePayload.decode(handshake.read(in.readNBytes(in.readUnsignedShort())));
    assertEquals(host.id(), told.verify(handshake.remoteStatic()).peerId());
    assertEquals(List.of(Yamux.PROTOCOL), told.muxers());
    byte[] own = NoiseHandshake.publicOf(staticSecret);
    drip(out, framed(handshake.write(NoisePayload.of(identity, own, List.of()).encoded())));
    return handshake.transport();
  }

  /** Its own frames come first: a ping, and a stream for identify. */
  private static void assertPong(NoiseHandshake.CipherPair noise, DataInputStream in)
      throws IOException {
    boolean[] answered = {false};
    YamuxFrameReader reader =
        new YamuxFrameReader(
            new YamuxFrameReader.FrameHandler() {
              @Override
              public void onControl(int type, int flags, int id, long length) {
                answered[0] |= type == Yamux.PING && flags == Yamux.ACK && length == 7;
              }

              @Override
              public void onData(int flags, int id, long length) {}

              @Override
              public void onBody(ByteBuf slice) {
                slice.release();
              }

              @Override
              public void onDataEnd(int flags, int id) {}
            });
    while (!answered[0]) {
      reader.read(Unpooled.wrappedBuffer(message(noise, in)));
    }
  }

  private static byte[] message(NoiseHandshake.CipherPair noise, DataInputStream in)
      throws IOException {
    return noise.in().open(NOTHING, in.readNBytes(in.readUnsignedShort()));
  }

  private static InputStream opened(NoiseHandshake.CipherPair noise, DataInputStream in, int length)
      throws IOException {
    byte[] plain = {};
    while (plain.length < length) {
      plain = MultistreamTest.concat(plain, message(noise, in));
    }
    return new ByteArrayInputStream(plain);
  }

  private static byte[] sealed(NoiseHandshake.CipherPair noise, byte[] plain) {
    return framed(noise.out().seal(NOTHING, plain));
  }

  private static byte[] framed(byte[] message) {
    byte[] length = {(byte) (message.length >>> 8), (byte) message.length};
    return MultistreamTest.concat(length, message);
  }

  private static void drip(OutputStream out, byte[] bytes) throws IOException {
    for (byte each : bytes) {
      out.write(each);
      out.flush();
    }
  }
}
