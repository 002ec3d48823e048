package io.sluice.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputFileTest {
  @TempDir Path folder;

  private static long text(WritableByteChannel out) throws IOException {
    return out.write(ByteBuffer.wrap("new".getBytes(StandardCharsets.UTF_8)));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** Whatever happens, no file that is not whole stays behind. */
  @AfterEach
  void nothingIsLeft() throws IOException {
    assertTrue(names().stream().noneMatch(name -> name.endsWith(".part")), names()::toString);
  }

  @Test
  void givenNothing_whenWritten_thenThere() throws IOException {
    assertEquals(3, OutputFile.write(folder.resolve("out"), false, OutputFileTest::text));

    assertEquals("new", Files.readString(folder.resolve("out")));
  }

  @Test
  void givenFile_whenWritten_thenReplacedOnlyIfThatIsWished() throws IOException {
    Path out = Files.writeString(folder.resolve("out"), "old");

    FileAlreadyExistsException refused =
        assertThrows(
            FileAlreadyExistsException.class,
            () -> OutputFile.write(out, false, OutputFileTest::text));
    assertEquals(out.toString(), refused.getFile());
    assertEquals("old", Files.readString(out));

    OutputFile.write(out, true, OutputFileTest::text);
    assertEquals("new", Files.readString(out));
  }

  @Test
  void givenFileThatComesMeanwhile_whenWritten_thenItStays() throws IOException {
    Path out = folder.resolve("out");

    assertThrows(
        FileAlreadyExistsException.class,
        () ->
            OutputFile.write(
                out,
                false,
                to -> {
                  Files.writeString(out, "theirs");
                  return text(to);
                }));

    assertEquals("theirs", Files.readString(out));
  }

  @Test
  void givenWriterThatFails_whenWritten_thenTheOldFileStays() throws IOException {
    Path out = Files.writeString(folder.resolve("out"), "old");

    assertThrows(
        IOException.class,
        () ->
            OutputFile.write(
                out,
                true,
                to -> {
                  text(to);
                  throw new IOException("half way");
                }));

    assertEquals("old", Files.readString(out));
  }

  @Test
  void givenLinkToAFile_whenReplaced_thenTheLinkStays() throws IOException {
    Path file =
        Files.writeString(Files.createDirectory(folder.resolve("far")).resolve("file"), "old");
    Path out = Files.createSymbolicLink(folder.resolve("out"), file);

    OutputFile.write(out, true, OutputFileTest::text);

    assertTrue(Files.isSymbolicLink(out));
    assertEquals("new", Files.readString(file));
    assertEquals(List.of("far", "out"), names());
  }

  @Test
  void givenLinkToNothing_whenReplaced_thenRefused() throws IOException {
    Path out = Files.createSymbolicLink(folder.resolve("out"), folder.resolve("nothing"));

    assertThrows(
        FileAlreadyExistsException.class, () -> OutputFile.write(out, true, OutputFileTest::text));

    assertEquals(List.of("out"), names());
  }

  @Test
  void givenFolder_whenReplaced_thenRefused() throws IOException {
    Path out = Files.createDirectory(folder.resolve("out"));

    assertThrows(
        FileAlreadyExistsException.class, () -> OutputFile.write(out, true, OutputFileTest::text));
    assertTrue(Files.isDirectory(out));
  }

  @Test
  void givenPipe_whenWritten_thenItGoesInAndThePipeStays() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    Process reader = new ProcessBuilder("cat", pipe.toString()).start();

    OutputFile.write(pipe, true, OutputFileTest::text);

    assertEquals("new", new String(reader.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    assertFalse(Files.isRegularFile(pipe));
    assertEquals(List.of("pipe"), names());
  }

  @Test
  void givenDevice_whenLookedAt_thenNothingIsInTheWay() throws IOException {
    OutputFile.check(Path.of("/dev/null"), false);
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("/dev/null"));

    assertEquals(3, OutputFile.write(link, true, OutputFileTest::text));
    assertTrue(Files.isSymbolicLink(link));
  }

  @Test
  void givenTwoNames_whenAsked_thenNobodyHasThemAndTheyAreShort() {
    Path out = folder.resolve("n".repeat(255));

    Path one = OutputFile.unused(out);
    assertFalse(one.equals(OutputFile.unused(out)));
    assertEquals(out.getParent(), one.getParent());
    assertTrue(one.getFileName().toString().length() < 64);
  }
}
