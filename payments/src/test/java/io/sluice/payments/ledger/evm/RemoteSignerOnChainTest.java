package io.sluice.payments.ledger.evm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import io.sluice.payments.ledger.Channel;
import io.sluice.payments.ledger.Intent;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.ledger.Outcome;
import io.sluice.payments.token.Token;
import io.sluice.payments.voucher.AccountSigner;
import io.sluice.payments.voucher.SignedVoucher;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.payments.voucher.Voucher;
import io.sluice.protocol.Ticker;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A contract, and a channel of it from open to empty, with both keys at signers of their own: a
 * chain takes it all.
 */
class RemoteSignerOnChainTest {
  private static final SigningKey PAYER = key(0x31);
  private static final SigningKey PAYEE = key(0x32);

  @TempDir Path directory;
  private TestChain chain;
  private SigningServer payers;
  private SigningServer payees;
  private RemoteSigner payer;
  private RemoteSigner payee;
  private EvmLedger ledger;
  private int ids;

  private static SigningKey key(int fill) {
    byte[] secret = new byte[32];
    Arrays.fill(secret, (byte) fill);
    return SigningKey.of(secret);
  }

  @BeforeEach
  void open() throws IOException, InterruptedException {
    Anvil.needed();
    chain = TestChain.free();
    chain.give(PAYER.address(), TokenAmount.of(1000));
    payers = new SigningServer(PAYER, Anvil.CHAIN_ID);
    payees = new SigningServer(PAYEE, Anvil.CHAIN_ID);
    payer = new RemoteSigner(payers.uri(), PAYER.address(), Duration.ofSeconds(20));
    payee = new RemoteSigner(payees.uri(), PAYEE.address(), Duration.ofSeconds(20));
    Map<EvmAddress, AccountSigner> accounts =
        Map.of(PAYER.address(), payer, PAYEE.address(), payee);
    TransactionSigner signer = TransactionSigner.of(accounts);
    EvmAddress contract =
        new ContractDeployment(
                Anvil.CHAIN_ID,
                chain.url(),
                new Token("TEST", EvmAddress.ZERO, 18),
                BigInteger.ZERO,
                signer,
                directory.resolve("deployments"),
                Duration.ofSeconds(30))
            .deploy(PAYER.address(), Duration.ofSeconds(1), Duration.ofDays(1), Ticker.SYSTEM);
    ledger =
        EvmLedger.open(
            chain.settings(contract, directory.resolve("outbox")),
            signer,
            Clock.systemUTC(),
            Ticker.SYSTEM,
            moment -> {});
  }

  @AfterEach
  void close() throws IOException {
    if (ledger != null) {
      ledger.close();
      payer.close();
      payee.close();
      payers.close();
      payees.close();
      chain.close();
    }
  }

  private IntentId id() {
    return new IntentId("intent-" + ++ids);
  }

  private void included(Intent intent) throws IOException {
    Outcome outcome = ledger.submit(intent);
    assertInstanceOf(Outcome.Included.class, outcome, outcome.toString());
  }

  private SignedVoucher signed(Bytes32 channel, long nonce, long total) throws IOException {
    Voucher voucher = new Voucher(channel, 0, nonce, TokenAmount.of(total));
    return new SignedVoucher(ledger.domain(), voucher, payer.signature(ledger.domain(), voucher));
  }

  @Test
  void openedRedeemedSettledCollectedAndWithdrawn() throws IOException {
    Intent.Open open =
        new Intent.Open(
            id(),
            PAYER.address(),
            PAYEE.address(),
            PAYER.address(),
            EvmAddress.ZERO,
            1000,
            Bytes32.of(new byte[32]),
            TokenAmount.of(600));
    Bytes32 channel = open.channel(ledger.domain());
    included(open);
    included(new Intent.TopUp(id(), PAYER.address(), channel, TokenAmount.of(100)));
    included(
        new Intent.Redeem(
            id(), PAYEE.address(), List.of(signed(channel, 1, 200), signed(channel, 2, 400))));
    included(new Intent.Settle(id(), PAYER.address(), channel));
    chain.advance(Duration.ofSeconds(1000));
    included(new Intent.Collect(id(), PAYER.address(), channel));
    for (EvmAddress account : List.of(PAYER.address(), PAYEE.address())) {
      included(
          new Intent.Withdraw(
              id(), account, EvmAddress.ZERO, account, ledger.credit(EvmAddress.ZERO, account)));
    }

    assertEquals("closed", ledger.channel(channel).map(Channel::state).orElseThrow());
    assertEquals(TokenAmount.of(600), ledger.balance(EvmAddress.ZERO, PAYER.address()));
    assertEquals(TokenAmount.of(400), ledger.balance(EvmAddress.ZERO, PAYEE.address()));
    assertEquals(TokenAmount.ZERO, ledger.balance(EvmAddress.ZERO, ledger.domain().contract()));
  }
}
