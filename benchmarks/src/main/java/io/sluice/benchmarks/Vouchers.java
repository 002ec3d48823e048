package io.sluice.benchmarks;

import io.sluice.payments.voucher.Domain;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import java.util.Optional;
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

/** What a voucher costs its client and its provider, apart from keeping and sending it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(time = 1)
@Measurement(time = 1)
public class Vouchers {
  private final SigningKey key = PaidDeal.KEY;
  private final Domain domain = PaidDeal.DOMAIN;
  private final Voucher voucher = PaidDeal.VOUCHER;
  private final SignedVoucher signed = PaidDeal.SIGNED;

  /** Sees that equal vouchers have equal signatures, and that the signer is found. */
  @Setup
  public void check() {
    Check.equal(signed, sign());
    Check.equal(Optional.of(key.address()), recover());
  }

  /** The EIP-712 digest of one voucher: a part of the other two. */
  @Benchmark
  public Bytes32 digest() {
    return voucher.digest(domain);
  }

  /** One voucher is hashed and signed. */
  @Benchmark
  public SignedVoucher sign() {
    return key.sign(domain, voucher);
  }

  /** One signed voucher is hashed, and its signer found. */
  @Benchmark
  public Optional<EvmAddress> recover() {
    return signed.signer();
  }
}
