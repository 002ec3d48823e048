package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What helps a user who does not know the commands by heart. */
class HelpTest {
  @TempDir Path folder;
  private TestShell shell;

  @BeforeEach
  void shell() {
    shell = new TestShell(folder);
  }

  @ParameterizedTest
  @CsvSource({
    "retreive CID, did you mean 'retrieve'?",
    "chanels ls, did you mean 'channels'?",
    "deals shwo c-1, did you mean 'show'?",
    "retrieve CID --provider x --forse, did you mean '--force'?",
    "Qmfoo, did you mean 'sluice retrieve Qmfoo --provider ADDR'?",
    "help chanels, did you mean 'channels'?",
    "help deals shwo, did you mean 'show'?",
    "man channels opne, did you mean 'open'?",
    "ipfs://Qmfoo, did you mean 'sluice retrieve ipfs://Qmfoo --provider ADDR'?"
  })
  void givenMistypedWord_whenRun_thenTheOneThatWasMeant(String line, String suggestion) {
    TestShell.Ran ran = shell.run(line.split(" "));

    assertEquals(2, ran.exit());
    assertTrue(ran.err().getFirst().contains(suggestion), ran.err()::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"xyzzy", "deals xyzzy"})
  void givenWordLikeNoOther_whenRun_thenNothingIsGuessed(String line) {
    assertFalse(shell.run(line.split(" ")).err().getFirst().contains("did you mean"));
  }

  @Test
  void helpOfACommandIsTheCommandsHelp() {
    assertTrue(
        shell
            .ok("help", "channels", "open")
            .out()
            .getFirst()
            .startsWith("Usage: sluice channels" + " open "));
    assertEquals(2, shell.run("help", "channels", "open", "wide").exit());
    assertTrue(shell.ok("help").out().getFirst().startsWith("Usage: sluice "));
  }

  /** Only the command that a line names is made; it has to be what it is among all of them. */
  @Test
  void helpOfEachCommandIsTheOneItHasAmongAllCommands() {
    checkHelp(Sluice.line(shell.surroundings()), List.of());
  }

  private void checkHelp(CommandLine command, List<String> words) {
    List<String> line = new ArrayList<>(words);
    line.add("--help");
    assertEquals(
        command.getUsageMessage().lines().toList(), shell.ok(line.toArray(String[]::new)).out());
    line.removeLast();
    line.addFirst("help");
    assertEquals(
        command.getUsageMessage().lines().toList(), shell.ok(line.toArray(String[]::new)).out());
    command
        .getSubcommands()
        .forEach(
            (name, below) -> {
              List<String> longer = new ArrayList<>(words);
              longer.add(name);
              checkHelp(below, longer);
            });
  }

  @Test
  void givenFolderNamedLikeACommand_whenGivenAsValue_thenItIsTakenForTheCommand() {
    String said = shell.run("--home", "ls", "version").err().getFirst();

    assertTrue(said.contains("Expected parameter for option '--home' but found 'ls'"), said);
    assertTrue(shell.ok("--home=ls", "version").out().getFirst().startsWith("sluice "));
  }

  /** A shell leaves it there in {@code --home=~/x}, and a unit file or a Dockerfile everywhere. */
  @Test
  void tildeInOptionsAndVariablesIsTheUsersHome() throws Exception {
    Path user = Files.createDirectory(folder.resolve("user"));
    TestShell mine = shell.with("HOME", user.toString());
    Files.writeString(user.resolve("secret"), "open sesame");

    mine.ok("init", "--home=~/one", "--passphrase-file=~/secret");
    mine.with("SLUICE_PASSPHRASE_FILE", "~/secret").with("SLUICE_HOME", "~/two").ok("init");
    TestShell one = mine.with("SLUICE_HOME", "~/one");
    Path odd = Files.createDirectory(folder.resolve("~"));
    Files.writeString(odd.resolve("file"), "x");
    String cid = one.ok("import", "~/file", "--json").json().at("/items/0/cid").asText();
    one.ok("export", cid, "--out=~/copy");

    assertTrue(Files.isRegularFile(user.resolve("one/sluice.yaml")));
    assertTrue(Files.isRegularFile(user.resolve("two/sluice.yaml")));
    assertEquals("x", Files.readString(user.resolve("copy")));
    assertFalse(Files.exists(odd.resolve("one")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh"})
  void completionIsAScriptThatBashReads(String name) throws Exception {
    Path script = folder.resolve(name);
    Files.write(script, shell.ok("completion", name).out(), StandardCharsets.UTF_8);

    Process bash =
        new ProcessBuilder(
                "bash",
                "-c",
                ". \"$1\"; COMP_WORDS=(sluice chan); COMP_CWORD=1; _complete_sluice;"
                    + " echo \"${COMPREPLY[@]}\"",
                "bash",
                script.toString())
            .start();

    assertEquals(
        List.of("channels"),
        new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .map(String::strip)
            .toList());
  }

  @Test
  void completionForFishHasEveryCommandAndOptionOnce() {
    List<String> script = shell.ok("completion", "fish").out();

    assertTrue(
        script.get(1).startsWith("set -l sluice_commands ask autopilot bench books "),
        script.get(1));
    assertTrue(
        script.contains(
            "complete -c sluice -n \"__fish_seen_subcommand_from channels; and not"
                + " __fish_seen_subcommand_from close collect deploy-contract ls open redeem settle"
                + " show top-up withdraw\" -f -a open -d 'Payer: open a channel to a provider ahead"
                + " of deals.'"),
        script::toString);
    assertTrue(
        script.contains(
            "complete -c sluice -n \"__fish_seen_subcommand_from export\" -r -s o -l out -d 'Where"
                + " to; - is standard output. Default: a file named after the content.'"),
        script::toString);
    assertEquals(1, script.stream().filter(line -> line.contains(" -l home ")).count());
    assertEquals(0, script.stream().filter(line -> line.contains("rehearse")).count());
    assertEquals(2, shell.run("completion", "tcsh").exit());
  }

  @Test
  void manualPagesHaveWhatTheHelpHas() {
    List<String> page = shell.ok("man", "channels", "open").out();

    assertEquals(".TH \"SLUICE-CHANNELS-OPEN\" 1", page.getFirst());
    assertTrue(page.contains("\\fB\\-\\-deposit N\\fR"), page::toString);
    assertTrue(page.contains("What to put in, such as 0.5FIL; or base units."), page::toString);
    assertTrue(shell.ok("man").out().contains("\\fBretrieve\\fR"));
    assertEquals(2, shell.run("man", "dance").exit());
  }

  @Test
  void quietKeepsResultsAndDropsHints() throws Exception {
    TestShell home = shell.with("SLUICE_HOME", folder.resolve("home").toString());
    home.ok("init");
    Files.writeString(folder.resolve("file"), "x");

    assertEquals(1, home.ok("import", "file").err().size());
    TestShell.Ran quiet = home.ok("import", "file", "--quiet");
    assertEquals(List.of(), quiet.err());
    assertEquals(1, quiet.out().size());
    assertEquals(1, home.run("--quiet", "stat", "nonsense").err().size());
  }
}
