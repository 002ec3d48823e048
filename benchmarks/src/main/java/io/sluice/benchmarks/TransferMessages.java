package io.sluice.benchmarks;

import io.sluice.protocol.datatransfer.TransferCodec;
import io.sluice.protocol.datatransfer.TransferMessage;
import io.sluice.protocol.datatransfer.TransferRequest;
import io.sluice.protocol.datatransfer.TypedVoucher;
import io.sluice.protocol.ipld.MapCodec;
import io.sluice.protocol.retrieval.DealProposal;
import io.sluice.protocol.retrieval.Payment;
import io.sluice.protocol.retrieval.RetrievalNames;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Proposals and payments inside the data-transfer messages that carry them. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(time = 1)
@Measurement(time = 1)
public class TransferMessages {
  private final Payment payment = PaidDeal.SIGNED.payment(PaidDeal.NUMBER, 128 << 20, false);
  private final DealProposal proposal = PaidDeal.PROPOSAL;
  private final ByteBuffer paymentBytes = ByteBuffer.wrap(encodePayment());
  private final ByteBuffer proposalBytes = ByteBuffer.wrap(encodeProposal());

  /** Sees that both are read as they were written. */
  @Setup
  public void check() {
    Check.equal(payment, decodePayment());
    Check.equal(proposal, decodeProposal());
  }

  /** One payment becomes the bytes of a message. */
  @Benchmark
  public final byte[] encodePayment() {
    return TransferCodec.encode(
        TransferRequest.voucher(
            PaidDeal.NUMBER,
            new TypedVoucher(RetrievalNames.PAYMENT, Payment.CODEC.encode(payment))));
  }

  /** One payment is read out of the bytes of a message. */
  @Benchmark
  public Payment decodePayment() {
    return decode(paymentBytes, Payment.CODEC);
  }

  /** One proposal becomes the bytes of the message that opens a transfer. */
  @Benchmark
  public final byte[] encodeProposal() {
    return TransferCodec.encode(
        TransferRequest.pull(
            false,
            PaidDeal.NUMBER,
            PaidDeal.ROOT,
            PaidDeal.SELECTOR,
            new TypedVoucher(RetrievalNames.PROPOSAL, DealProposal.CODEC.encode(proposal))));
  }

  /** One proposal is read out of the bytes of the message that opens a transfer. */
  @Benchmark
  public DealProposal decodeProposal() {
    return decode(proposalBytes, DealProposal.CODEC);
  }

  private static <T> T decode(ByteBuffer bytes, MapCodec<T> codec) {
    TransferMessage message = TransferCodec.decode(bytes.duplicate());
    if (message instanceof TransferRequest request) {
      return codec.decode(request.voucher().orElseThrow().value());
    }
    throw new IllegalStateException("not a request: " + message);
  }
}
