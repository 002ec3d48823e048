package io.sluice.node.config;

/** Texts made of the table of settings: the reference page, and the file of a new home. */
final class ConfigPage {
  private ConfigPage() {}

  static String markdown() {
    StringBuilder page =
        new StringBuilder(
            """
            # Configuration

            Generated from the code; do not edit.

            Keys stand in `sluice.yaml` in the home, nested (`ledger:` with `path:` beneath it) or dotted (`ledger.path:`).
            A variable of the environment overrides the file, a flag overrides both. Values are checked when a command
            reads them; the message names the key, the bad value and what is allowed.

            | key | variable | default | allowed | meaning |
            |---|---|---|---|---|
            """);
    for (Setting setting : SettingTable.ALL) {
      page.append(
          "| `%s` | `%s` | %s | %s | %s |%n"
              .formatted(
                  setting.key(),
                  setting.variable(),
                  setting.standard().isEmpty() ? "" : "`" + setting.standard() + "`",
                  setting.range(),
                  setting.meaning()));
    }
    return page.append(
            """

            Sizes are numbers with an optional KiB, MiB, GiB or TiB (powers of 1024) or KB, MB, GB or TB (powers of 1000);
            durations have parts with ms, s, m, h or d; amounts are base units or a decimal with the symbol of the ledger's coin,
            as [amounts](amounts.md) says. Lists are YAML lists, and divided by commas in the environment.

            `SLUICE_HOME` names the home, `SLUICE_LEDGER` the embedded ledger (it wins over `ledger.path`), `SLUICE_PASSPHRASE_FILE` and
            `SLUICE_PASSPHRASE` open the keys.
            """)
        .toString();
  }

  static String template() {
    StringBuilder text =
        new StringBuilder(
            """
            # Configuration of this Sluice home. Every key, with its default; take the # away to change one.
            # docs/reference/configuration.md explains them.

            """);
    for (Setting setting : SettingTable.ALL) {
      text.append("# ").append(setting.meaning()).append('\n');
      text.append("# ")
          .append(setting.key())
          .append(": ")
          .append(
              setting.kind() == Setting.ValueKind.LIST
                  ? "[" + setting.standard() + "]"
                  : "\"" + setting.standard() + "\"")
          .append("\n\n");
    }
    return text.toString();
  }
}
