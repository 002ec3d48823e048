package io.sluice.protocol.libp2p;

/** How connections are secured and peers proven. */
public enum Security {
  /**
   * TLS 1.3 with a certificate that carries the peer's key; the fastest where the processor has
   * AES.
   */
  TLS("/tls/1.0.0"),
  /** Noise XX with ChaCha20-Poly1305; every libp2p implementation has it. */
  NOISE("/noise");

  private final String protocol;

  Security(String protocol) {
    this.protocol = protocol;
  }

  /** The id by which it is negotiated. */
  String protocol() {
    return protocol;
  }
}
