package io.sluice.protocol.libp2p;

import io.sluice.protocol.multiformats.PeerId;
import java.net.InetAddress;

/**
 * Whom an operator wants to have nothing to do with. Asked at three moments of a connection, on
 * event loops among others: answers come from memory, and at once. What stands is not closed when
 * an answer changes.
 */
public interface ConnectionGater {
  /** Lets everybody through. */
  ConnectionGater OPEN =
      new ConnectionGater() {
        @Override
        public boolean mayDial(PeerId peer) {
          return true;
        }

        @Override
        public boolean mayTouch(InetAddress address) {
          return true;
        }

        @Override
        public boolean mayEnter(PeerId peer) {
          return true;
        }
      };

  /** Whether a peer may be dialled. */
  boolean mayDial(PeerId peer);

  /** Whether there may be a connection with this address, whoever dials. */
  boolean mayTouch(InetAddress address);

  /** Whether a peer that dialled, and has proven who it is, is let in. */
  boolean mayEnter(PeerId peer);
}
