package io.sluice.cli;

import io.sluice.cli.terminal.Table;
import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice wallet}: the keys that pay and are paid. */
@Command(
    name = "wallet",
    description = "The keys that pay and are paid.",
    subcommands = {
      WalletCommand.WalletNew.class,
      WalletCommand.WalletLs.class,
      WalletCommand.WalletImport.class,
      WalletCommand.WalletExport.class,
      WalletCommand.WalletDefault.class
    })
final class WalletCommand extends Group {
  static Table table(List<Reports.KeyReport> keys) {
    Table table =
        new Table("no keys", "ADDRESS", "BALANCE", "CREDIT", "").figures("BALANCE", "CREDIT");
    for (Reports.KeyReport key : keys) {
      table.row(
          key.address(),
          key.balance().map(Object::toString).orElse("?"),
          key.credit().map(Object::toString).orElse("?"),
          key.isDefault() ? "default" : "");
    }
    return table;
  }

  /** {@code sluice wallet new}. */
  @Command(name = "new", description = "Make a key.")
  static final class WalletNew extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.KeyReport key = service.newKey();
      output.object(key, List.of(table(List.of(key))));
    }
  }

  /** {@code sluice wallet ls}. */
  @Command(name = "ls", description = "List the keys and what they own.")
  static final class WalletLs extends ServiceCommand {
    @Override
    void run(NodeService service, Output output) throws Exception {
      List<Reports.KeyReport> keys = service.keys();
      output.items(keys, table(keys));
    }
  }

  /** {@code sluice wallet import}. */
  @Command(name = "import", description = "Take in a keystore file (web3 secret storage).")
  static final class WalletImport extends ServiceCommand {
    @Parameters(paramLabel = "FILE", description = "The file.")
    Path file = Path.of("");

    @Option(
        names = "--file-passphrase-file",
        paramLabel = "FILE",
        description = "File with the passphrase that opens it; default the home's own.")
    @Nullable Path passphrase;

    @Override
    void run(NodeService service, Output output) throws Exception {
      String text =
          passphrase == null
              ? passphrases().get()
              : Passphrases.withoutLineEnd(Files.readString(Path.of(absolute(passphrase))));
      Reports.KeyReport key = service.importKey(absolute(file), text);
      output.object(key, List.of(table(List.of(key))));
    }
  }

  /** {@code sluice wallet export}. */
  @Command(name = "export", description = "Write a key's keystore file.")
  static final class WalletExport extends ServiceCommand {
    @Parameters(paramLabel = "ADDRESS", description = "The account.")
    String address = "";

    @Mixin SharedOptions.NewFile file = new SharedOptions.NewFile();

    @Override
    void run(NodeService service, Output output) throws Exception {
      service.exportKey(address, absolute(file.out));
      output.object(
          Map.of("address", address, "out", absolute(file.out)),
          List.of("written to %s; the home's passphrase opens it".formatted(absolute(file.out))));
    }
  }

  /** {@code sluice wallet default}. */
  @Command(
      name = "default",
      description = "Pay and be paid with this key; a running node does so from its next start.")
  static final class WalletDefault extends ServiceCommand {
    @Parameters(paramLabel = "ADDRESS", description = "The account.")
    String address = "";

    @Override
    void run(NodeService service, Output output) throws Exception {
      Reports.KeyReport key = service.defaultKey(address);
      output.object(key, List.of(table(List.of(key))));
    }
  }
}
