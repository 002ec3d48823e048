package io.sluice.node;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Reports;
import io.sluice.node.api.ServiceException;
import io.sluice.payments.ledger.IntentId;
import io.sluice.payments.token.Token;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The accounts of a home, and the ledger that they are on. */
final class WalletOperations {
  private final SluiceNode node;

  WalletOperations(SluiceNode node) {
    this.node = node;
  }

  Reports.KeyReport make() throws IOException, ServiceException, InterruptedException {
    SigningKey key = SigningKey.generate(node.random());
    node.keys().keystore().store(key, node.keys().passphrase());
    if (node.keys().remote().isEmpty() && !node.home().namesAccount()) {
      node.home().setDefaultAccount(key.address()); // the first, of a home whose key was elsewhere
    }
    return report(key.address());
  }

  List<Reports.KeyReport> all() throws IOException, ServiceException {
    List<Reports.KeyReport> keys = new ArrayList<>();
    for (EvmAddress account : node.keys().accounts()) {
      keys.add(report(account));
    }
    return keys;
  }

  private Reports.KeyReport report(EvmAddress account) throws IOException, ServiceException {
    List<Reports.OwnedReport> owned = new ArrayList<>();
    for (EvmAddress token : node.config().tokens().accepted()) {
      owned.add(
          new Reports.OwnedReport(
              token.toString(),
              node.money().ledger().balance(token, account),
              node.money().ledger().credit(token, account)));
    }
    return new Reports.KeyReport(
        account.toString(),
        account.equals(node.keys().account()),
        Optional.of(owned.getFirst().balance()),
        Optional.of(owned.getFirst().credit()),
        owned);
  }

  Reports.KeyReport bringIn(String path, String passphrase)
      throws IOException, ServiceException, InterruptedException {
    SigningKey key =
        node.keys().keystore().importFile(Path.of(path), passphrase, node.keys().passphrase());
    return report(key.address());
  }

  void writeOut(String address, String path) throws IOException, ServiceException {
    String text = node.keys().keystore().export(known(address));
    Path out =
        Files.createFile(
            Path.of(path),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(out, text);
  }

  Reports.KeyReport use(String address) throws IOException, ServiceException {
    if (node.keys().remote().isPresent()) {
      throw new ServiceException(
          ErrorCode.BAD_CONFIG, "keys.remote-account names the account in use, and goes before");
    }
    EvmAddress account = known(address);
    node.home().setDefaultAccount(account);
    return report(account);
  }

  private EvmAddress known(String text) throws IOException, ServiceException {
    EvmAddress account = account(text);
    if (!node.keys().keystore().accounts().contains(account)) {
      throw new ServiceException(
          ErrorCode.NO_SUCH_KEY,
          "no key of %s here; 'sluice wallet ls' lists them".formatted(text));
    }
    return account;
  }

  static EvmAddress account(String text) throws ServiceException {
    try {
      return EvmAddress.parse(text);
    } catch (ProtocolException | IllegalArgumentException e) {
      throw new ServiceException(
          ErrorCode.BAD_ADDRESS,
          "'%s' is not a valid account; expected 0x and 40 digits".formatted(text),
          e);
    }
  }

  Reports.LedgerActionReport faucet(String address, TokenAmount amount, Optional<String> named)
      throws IOException, ServiceException {
    EvmAddress account = account(address);
    EvmAddress token = node.money().token(named);
    node.money().playLedger().faucet(IntentId.random(node.random()), token, account, amount);
    return new Reports.LedgerActionReport(
        "faucet",
        Optional.empty(),
        Optional.of(token.toString()),
        amount,
        Optional.of(
            "%s now has %s"
                .formatted(
                    account,
                    node.money()
                        .known()
                        .show(node.money().ledger().balance(token, account), token))));
  }

  Reports.LedgerReport ledger() throws IOException, ServiceException {
    var ledger = node.money().ledger();
    var head = ledger.head();
    return new Reports.LedgerReport(
        ledger.facts().kind(),
        where(),
        ledger.domain().chainId(),
        ledger.domain().contract().toString(),
        head.time().toString(),
        head.height(),
        holdings());
  }

  private List<Reports.HoldingReport> holdings() throws IOException, ServiceException {
    EvmAddress account = node.keys().account();
    List<Reports.HoldingReport> holdings = new ArrayList<>();
    for (Token token : node.money().tokens().all()) {
      holdings.add(
          new Reports.HoldingReport(
              token.symbol(),
              token.decimals(),
              Optional.of(token.address()).filter(at -> !at.isZero()).map(EvmAddress::toString),
              node.config().tokens().accepts(token.address()),
              node.money().ledger().balance(token.address(), account),
              node.money().ledger().credit(token.address(), account)));
    }
    return holdings;
  }

  /** The file, or the hosts of the chain's nodes: what follows in a URL is often a secret. */
  private String where() {
    return node.config()
        .chain()
        .map(
            chain ->
                chain.endpoints().stream()
                    .map(uri -> uri.getHost())
                    .collect(Collectors.joining(", ")))
        .orElseGet(() -> node.config().ledger().toString());
  }

  Reports.LedgerReport advance(long seconds) throws IOException, ServiceException {
    node.money().playLedger().advance(Duration.ofSeconds(seconds));
    return ledger();
  }
}
