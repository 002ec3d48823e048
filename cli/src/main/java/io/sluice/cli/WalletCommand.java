package io.sluice.cli;

import io.sluice.node.api.NodeService;
import io.sluice.node.api.Reports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sluice wallet}: the keys that pay and are paid. */
@Command(
    name = "wallet",
    description = "The keys that pay and are paid.",
    subcommands = {
      WalletCommand.New.class,
      WalletCommand.Ls.class,
      WalletCommand.Import.class,
      WalletCommand.Export.class,
      WalletCommand.Default.class
    })
final class WalletCommand extends Group {

  static Table table(List<Reports.Key> keys) {
    Table table = new Table("no keys", "ADDRESS", "BALANCE", "CREDIT", "");
    for (Reports.Key key : keys) {
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
  static final class New extends NodeCommand {
    @Override
    void run(Answers answers) throws Exception {
      try (NodeService service = service()) {
        Reports.Key key = service.newKey();
        answers.object(key, table(List.of(key)).lines());
      }
    }
  }

  /** {@code sluice wallet ls}. */
  @Command(name = "ls", description = "List the keys and what they own.")
  static final class Ls extends NodeCommand {
    @Override
    void run(Answers answers) throws Exception {
      try (NodeService service = service()) {
        List<Reports.Key> keys = service.keys();
        answers.items(keys, table(keys));
      }
    }
  }

  /** {@code sluice wallet import}. */
  @Command(name = "import", description = "Take in a keystore file (web3 secret storage).")
  static final class Import extends NodeCommand {
    @Parameters(paramLabel = "FILE", description = "The file.")
    Path file = Path.of("");

    @Option(
        names = "--file-passphrase-file",
        paramLabel = "FILE",
        description = "File with the passphrase that opens it; default the home's own.")
    @Nullable Path passphrase;

    @Override
    void run(Answers answers) throws Exception {
      try (NodeService service = service()) {
        String text =
            passphrase == null
                ? passphrases().get()
                : Files.readString(Path.of(absolute(passphrase))).strip();
        Reports.Key key = service.importKey(absolute(file), text);
        answers.object(key, table(List.of(key)).lines());
      }
    }
  }

  /** {@code sluice wallet export}. */
  @Command(name = "export", description = "Write a key's keystore file.")
  static final class Export extends NodeCommand {
    @Parameters(paramLabel = "ADDRESS", description = "The account.")
    String address = "";

    @Option(
        names = {"-o", "--out"},
        paramLabel = "FILE",
        required = true,
        description = "The file to make.")
    Path out = Path.of("");

    @Override
    void run(Answers answers) throws Exception {
      try (NodeService service = service()) {
        service.exportKey(address, absolute(out));
        answers.object(
            Map.of("address", address, "out", absolute(out)),
            List.of("written to %s; the home's passphrase opens it".formatted(absolute(out))));
      }
    }
  }

  /** {@code sluice wallet default}. */
  @Command(
      name = "default",
      description = "Pay and be paid with this key; a running node does so from its next start.")
  static final class Default extends NodeCommand {
    @Parameters(paramLabel = "ADDRESS", description = "The account.")
    String address = "";

    @Override
    void run(Answers answers) throws Exception {
      try (NodeService service = service()) {
        Reports.Key key = service.defaultKey(address);
        answers.object(key, table(List.of(key)).lines());
      }
    }
  }
}
