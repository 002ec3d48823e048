package io.sluice.node.provider;

import io.sluice.protocol.FailureCode;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.time.Duration;

/** Hears what is worth counting. Called from many threads; must not block. */
public interface ProviderMetrics {
  /** Counts nothing. */
  ProviderMetrics NONE = new ProviderMetrics() {};

  /** An ask, a query or a question for transports was answered. */
  default void asked(String protocol) {}

  /** A proposal, a restart or a payment was refused, for that reason. */
  default void refused(String code) {}

  /** As {@link #refused(String)}. */
  default void refused(FailureCode code) {
    refused(code.name());
  }

  /** A deal was admitted. */
  default void started(boolean paid) {}

  /** A deal was restarted. */
  default void restarted() {}

  /** A deal came to its end, or to rest unpaid; the state as users read it. */
  default void ended(String state) {}

  /** Bytes of blocks were written to a client. */
  default void served(long bytes) {}

  /** A gate closed, for that reason. */
  default void gateClosed(String reason) {}

  /** A transfer that had to wait goes on, after so long. */
  default void waited(Duration time) {}

  /** A voucher was looked at; news if it was better than all before. */
  default void voucher(boolean news) {}

  /** So much more of a token counts as earned. */
  default void earned(EvmAddress token, TokenAmount more) {}
}
