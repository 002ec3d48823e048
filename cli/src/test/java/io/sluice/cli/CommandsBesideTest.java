package io.sluice.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands on a home that another command holds for as long as it likes. */
@Timeout(60)
class CommandsBesideTest {
  @TempDir Path folder;

  @Test
  void givenACommandThatWaitsForItsInput_whenOthersCome_thenTheyAreAnswered() throws Exception {
    TestShell shell = new TestShell(folder);
    shell = shell.with("SLUICE_HOME", folder.resolve("home").toString());
    shell.ok("init");
    TestShell.Background importing;
    try (PipedOutputStream input = new PipedOutputStream()) {
      importing =
          shell.reading(new PipedInputStream(input)).start("import", "-", "--name", "piped");
      while (!Files.exists(folder.resolve("home/run/admin.json"))) {
        Thread.onSpinWait();
      }

      assertEquals(0, shell.ok("ls", "--json").json().get("items").size());
      assertEquals(0, shell.ok("channels", "ls", "--json").json().get("items").size());
      assertEquals(0, shell.ok("verify", "--json").json().get("blocks").asInt());
      assertFalse(shell.ok("status", "--json").json().get("running").asBoolean());
      assertEquals("NOT_RUNNING", shell.run("stop", "--json").json().at("/error/code").asText());
      assertTrue(importing.thread().isAlive());

      input.write("what comes last".getBytes(StandardCharsets.UTF_8));
    }
    importing.thread().join();
    assertEquals("piped", shell.ok("ls", "--json").json().at("/items/0/name").asText());
  }
}
