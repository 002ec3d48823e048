package io.sluice.node.client;

import io.sluice.fsm.DealOutcome;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.util.Optional;

/** Hears what is worth counting. Called from many threads; must not block. */
public interface ClientMetrics {
  /** Counts nothing. */
  ClientMetrics NONE = new ClientMetrics() {};

  /** A deal was begun. */
  default void started(boolean paid) {}

  /** A deal came to its end; the reason is absent where all went well. */
  default void ended(DealOutcome outcome, Optional<DealCode> reason) {}

  /** A provider refused a proposal, a restart or a payment, for that reason. */
  default void refused(String code) {}

  /** A refusal was met by another lane, an adopted voucher or more deposit. */
  default void mended(String code) {}

  /** A deal goes out once more after its connection was lost or nothing came. */
  default void retried() {}

  /** Bytes of verified blocks came over the wire. */
  default void received(long bytes) {}

  /** So much more of a token was signed away. */
  default void paid(EvmAddress token, TokenAmount more) {}
}
