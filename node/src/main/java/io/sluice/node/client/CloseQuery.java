package io.sluice.node.client;

import io.sluice.node.api.ServiceException;
import io.sluice.payments.voucher.CloseConsent;
import io.sluice.payments.voucher.Domain;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.ipld.DagCbor;
import io.sluice.protocol.ipld.Limits;
import io.sluice.protocol.libp2p.Host;
import io.sluice.protocol.libp2p.LengthPrefixed;
import io.sluice.protocol.libp2p.ProtocolNotSupportedException;
import io.sluice.protocol.libp2p.Stream;
import io.sluice.protocol.multiformats.Multiaddr;
import io.sluice.protocol.multiformats.PeerId;
import io.sluice.protocol.retrieval.CloseAnswer;
import io.sluice.protocol.retrieval.CloseRequest;
import io.sluice.protocol.retrieval.DealCode;
import io.sluice.protocol.retrieval.RetrievalNames;
import io.sluice.protocol.retrieval.Signature;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Asks a provider for its consent to a channel's end. */
final class CloseQuery {
  private static final int MAX_ANSWER = 4 << 10;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Host host;

  /** Asks over this host. */
  CloseQuery(Host host) {
    this.host = host;
  }

  /**
   * The provider's signature over the consent, which the caller has to check. Blocks.
   *
   * @param ours the channel's signer's
   * @throws ServiceException {@code CLOSE_REFUSED} if it does not consent or knows no such request;
   *     why it cannot be asked; {@code VERIFICATION_FAILED} if its answer cannot be read
   */
  Signature ask(
      PeerId provider,
      List<Multiaddr> addresses,
      Domain domain,
      CloseConsent consent,
      Signature ours)
      throws ServiceException {
    CloseRequest request =
        new CloseRequest(
            domain.chainId(),
            domain.contract(),
            consent.channel(),
            consent.finalRedeemed(),
            consent.deadline(),
            ours);
    CloseAnswer answer;
    try (Stream stream = host.open(provider, addresses, List.of(RetrievalNames.CLOSE_PROTOCOL))) {
      stream.timeout(PATIENCE);
      LengthPrefixed.write(stream, DagCbor.encode(CloseRequest.CODEC.encode(request)));
      stream.closeWrite();
      answer =
          CloseAnswer.CODEC.decode(
              DagCbor.decode(LengthPrefixed.read(stream, MAX_ANSWER), Limits.MESSAGE));
    } catch (ProtocolNotSupportedException e) {
      throw new ServiceException(
          DealCode.CLOSE_REFUSED, provider + " cannot be asked to end a channel", e);
    } catch (ProtocolException e) {
      throw new ServiceException(
          DealCode.VERIFICATION_FAILED, "the provider's answer is malformed: " + e.getMessage(), e);
    } catch (IOException e) {
      throw PriceQuery.unreachable(provider, e);
    }
    return answer
        .signature()
        .orElseThrow(
            () ->
                new ServiceException(
                    DealCode.CLOSE_REFUSED, "the provider does not consent: " + answer.message()));
  }
}
