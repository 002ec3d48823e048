/**
 * A compact libp2p host: connections, security, multiplexing and protocol negotiation. Netty lives
 * here only.
 */
@NullMarked
package io.sluice.protocol.libp2p;

import org.jspecify.annotations.NullMarked;
