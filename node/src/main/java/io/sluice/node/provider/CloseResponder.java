package io.sluice.node.provider;

import io.sluice.payments.PaymentException;
import io.sluice.payments.home.Payments;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.LengthPrefixed;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.retrieval.CloseAnswer;
import io.sluice.protocol.retrieval.CloseRequest;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;

/**
 * Consents to the end of channels whose payers ask for it, when all that was vouchered is in the
 * total they ask for: the payer bears the cost, and nothing has to be redeemed.
 */
final class CloseResponder {
  private static final int MAX_REQUEST = 1 << 10;
  private static final Duration IDLE = Duration.ofSeconds(10);

  /** Each costs a signature to check and a look at the ledger. */
  private static final int A_MINUTE = 10;

  private final Payments payments;
  private final RateLimiter rate;
  private final ProviderMetrics metrics;

  CloseResponder(Payments payments, ProviderMetrics metrics, Clock clock) {
    this.payments = payments;
    this.rate = new RateLimiter(A_MINUTE, A_MINUTE, clock);
    this.metrics = metrics;
  }

  void serve(Host host) {
    host.handle(RetrievalNames.CLOSE_PROTOCOL, this::close);
  }

  private void close(Stream stream) throws IOException {
    stream.timeout(IDLE);
    byte[] answer = DagCbor.encode(CloseAnswer.CODEC.encode(answer(stream)));
    LengthPrefixed.write(stream, answer);
    stream.close();
    metrics.asked("close");
  }

  private CloseAnswer answer(Stream stream) throws IOException {
    Duration wait = rate.take(stream.remotePeer());
    if (!wait.isZero()) {
      return CloseAnswer.no("RATE_LIMITED: ask again in " + wait.toSeconds() + " s");
    }
    try {
      return answer(
          CloseRequest.CODEC.decode(
              DagCbor.decode(LengthPrefixed.read(stream, MAX_REQUEST), Limits.MESSAGE)));
    } catch (ProtocolException e) {
      return CloseAnswer.no(e.code() + ": " + e.getMessage());
    }
  }

  CloseAnswer answer(CloseRequest request) throws IOException {
    CloseConsent asked = new CloseConsent(request.channel(), request.total(), request.deadline());
    try {
      return CloseAnswer.consent(
          payments.consent(
              new Domain(request.chainId(), request.contract()), asked, request.signature()));
    } catch (PaymentException e) {
      return CloseAnswer.no(e.code() + ": " + e.getMessage());
    }
  }
}
