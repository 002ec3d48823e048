package io.sluice.protocol.libp2p;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Something failed between us and a peer. The kinds differ in who could do something about it. */
public abstract sealed class Libp2pException extends IOException
    permits ConnectionLostException,
        ConnectionRefusedException,
        HandshakeException,
        LimitExceededException,
        PeerDeniedException,
        PeerMismatchException,
        ProtocolNotSupportedException,
        StreamResetException,
        TimedOutException,
        UnreachableException {

  Libp2pException(String message) {
    super(message);
  }

  Libp2pException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
