package io.sluice.protocol.multiformats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.sluice.protocol.ProtocolException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PeerAddressTest {
  private static final String ED25519 = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
  private static final String RSA = "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N";

  @Test
  void peerIds() {
    for (String text : new String[] {ED25519, RSA}) {
      PeerId id = PeerId.parse(text);
      assertEquals(text, id.toString());
      assertEquals(id, PeerId.of(id.bytes()));
      assertEquals(id, PeerId.parse(Cid.v1(Codec.LIBP2P_KEY, id.multihash()).toString()));
    }
    byte[] key = PeerId.parse(ED25519).multihash().digest();
    assertEquals(ED25519, PeerId.ofPublicKey(key).toString());
    assertEquals(Multihash.SHA2_256, PeerId.ofPublicKey(new byte[43]).multihash().code());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1",
        "Qm",
        "hello",
        "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
        "12D3KooWD3"
      })
  void noPeerId(String text) {
    assertEquals(
        "BAD_PEER_ID", assertThrows(ProtocolException.class, () -> PeerId.parse(text)).code());
  }

  @ParameterizedTest
  @CsvSource({
    "/ip4/127.0.0.1/tcp/4001, 047f000001060fa1",
    "/ip4/1.2.3.4/udp/80/quic-v1, 040102030491020050cd03",
    "/ip6/::1/tcp/443, 29000000000000000000000000000000010601bb",
    "/ip6/2001:db8::ff:0:1/tcp/1, 2920010db800000000000000ff00000001060001",
    "/ip6/::ffff:7f00:1/tcp/1, 2900000000000000000000ffff7f000001060001",
    "/dns4/example.com/tcp/443/wss, 360b6578616d706c652e636f6d0601bbde03",
    "/dns/a/tcp/0/ws, 350161060000dd03",
    "/dnsaddr/bootstrap.libp2p.io, 3813626f6f7473747261702e6c69627032702e696f"
  })
  void multiaddrs(String text, String hex) {
    Multiaddr address = Multiaddr.parse(text);

    assertArrayEquals(HexFormat.of().parseHex(hex), address.bytes());
    assertEquals(text, address.toString());
    assertEquals(address, Multiaddr.of(HexFormat.of().parseHex(hex)));
    assertEquals(Optional.empty(), address.peerId());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "ip4/1.2.3.4",
        "/ip4",
        "/ip4/1.2.3",
        "/ip4/1.2.3.400/tcp/1",
        "/ip4/01.2.3.4.5/tcp/1",
        "/ip6/1::2::3/tcp/1",
        "/ip6/fe80::1%eth0/tcp/1",
        "/tcp/65536",
        "/tcp/-1",
        "/tcp/+1",
        "/tcp/",
        "/nothing/1",
        "/ip4/1.2.3.4//tcp/1",
        "/p2p/hello"
      })
  void noMultiaddr(String text) {
    assertEquals(
        "BAD_MULTIADDR", assertThrows(ProtocolException.class, () -> Multiaddr.parse(text)).code());
  }

  @Test
  void peersOfAddresses() {
    PeerId first = PeerId.parse(ED25519);
    PeerId second = PeerId.parse(RSA);
    Multiaddr address = Multiaddr.parse("/ip4/127.0.0.1/tcp/1/p2p/" + ED25519 + "/");

    assertEquals(Optional.of(first), address.peerId());
    assertEquals("/ip4/127.0.0.1/tcp/1", address.withoutPeer().toString());
    assertEquals(address, address.withoutPeer().withPeer(first));
    assertEquals(Optional.of(second), address.withPeer(second).peerId());
    assertEquals(address, Multiaddr.parse("/ip4/127.0.0.1/tcp/1/ipfs/" + ED25519));
    assertFalse(address.equals(address.withoutPeer()));
    assertThrows(ProtocolException.class, () -> Multiaddr.parse("/p2p/" + RSA).withoutPeer());
  }

  @Test
  void mutations() {
    byte[] bytes = Multiaddr.parse("/ip6/::1/tcp/1/ws/p2p/" + ED25519).bytes();
    for (int i = 0; i < bytes.length; i++) {
      for (int bit = -1; bit < 8; bit++) {
        byte[] changed = bit < 0 ? Arrays.copyOf(bytes, i) : bytes.clone();
        if (bit >= 0) {
          changed[i] ^= (byte) (1 << bit);
        }
        try {
          Multiaddr address = Multiaddr.of(changed);
          assertArrayEquals(changed, address.bytes());
          assertEquals(address, Multiaddr.parse(address.toString()));
        } catch (ProtocolException refused) {
          assertTrue(refused.code().equals("BAD_MULTIADDR"));
        }
      }
    }
  }
}
