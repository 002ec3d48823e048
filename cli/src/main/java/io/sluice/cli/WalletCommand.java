package io.sluice.cli;

import static io.sluice.cli.CommandTree.command;
import static io.sluice.cli.CommandTree.group;

import io.sluice.cli.arguments.Arguments;
import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import io.sluice.payments.token.Tokens;
import io.sluice.protocol.retrieval.EvmAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code sluice wallet}: the keys that pay and are paid. */
final class WalletCommand {
  static final CommandTree TREE =
      group(
          "wallet",
          "The keys that pay and are paid.",
          command("new", "Make a key.", WalletNew::new),
          command("ls", "List the keys and what they own.", WalletLs::new),
          command("import", "Take in a keystore file (web3 secret storage).", WalletImport::new),
          command("export", "Write a key's keystore file.", WalletExport::new),
          command(
              "default",
              "Pay and be paid with this key; a running node does so from its next start.",
              WalletDefault::new));

  private WalletCommand() {}

  static Table table(List<Reports.KeyReport> keys, Tokens tokens) {
    Table table =
        new Table("no keys", "ADDRESS", "BALANCE", "CREDIT", "").figures("BALANCE", "CREDIT");
    for (Reports.KeyReport key : keys) {
      String mark = key.isDefault() ? "default" : "";
      for (Reports.OwnedReport owned : key.owned()) {
        EvmAddress token = EvmAddress.parse(owned.token());
        table.row(
            key.address(),
            tokens.show(owned.balance(), token),
            tokens.show(owned.credit(), token),
            mark);
      }
      if (key.owned().isEmpty()) {
        table.row(key.address(), "?", "?", mark);
      }
    }
    return table;
  }

  /** {@code sluice wallet new}. */
  static final class WalletNew extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.KeyReport key = service.newKey();
      output.object(key, List.of(table(List.of(key), output.tokens())));
    }
  }

  /** {@code sluice wallet ls}. */
  static final class WalletLs extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.KeyReport> keys = service.keys();
      output.items(keys, table(keys, output.tokens()));
    }
  }

  /** {@code sluice wallet import}. */
  static final class WalletImport extends ServiceCommand {
    private Path file = Path.of("");
    private @Nullable Path passphrase;

    @Override
    void declare(Arguments arguments) {
      arguments
          .word("FILE", Path.class, value -> file = value)
          .says("The file.")
          .option("--file-passphrase-file=FILE", Path.class, value -> passphrase = value)
          .says("File with the passphrase that opens it; default the home's own.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      String text =
          passphrase == null
              ? passphrases().get()
              : Passphrases.withoutLineEnd(Files.readString(Path.of(absolute(passphrase))));
      Reports.KeyReport key = service.importKey(absolute(file), text);
      output.object(key, List.of(table(List.of(key), output.tokens())));
    }
  }

  /** {@code sluice wallet export}. */
  static final class WalletExport extends ServiceCommand {
    private String address = "";
    private SharedOptions.NewFile file = new SharedOptions.NewFile();

    @Override
    void declare(Arguments arguments) {
      arguments.word("ADDRESS", String.class, value -> address = value).says("The account.");
      file.declare(arguments);
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      service.exportKey(address, absolute(file.out));
      output.object(
          Map.of("address", address, "out", absolute(file.out)),
          List.of("written to %s; the home's passphrase opens it".formatted(absolute(file.out))));
    }
  }

  /** {@code sluice wallet default}. */
  static final class WalletDefault extends ServiceCommand {
    private String address = "";

    @Override
    void declare(Arguments arguments) {
      arguments.word("ADDRESS", String.class, value -> address = value).says("The account.");
    }

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.KeyReport key = service.defaultKey(address);
      output.object(key, List.of(table(List.of(key), output.tokens())));
    }
  }
}
