package io.sluice.cli;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.ServiceException;
import io.sluice.node.config.NodeConfig;
import io.sluice.node.home.Home;
import io.sluice.node.home.Passphrase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the passphrase: the file named on the command line, {@code SLUICE_PASSPHRASE_FILE}, {@code
 * SLUICE_PASSPHRASE}, the file that {@code init} made, and last a person at a terminal.
 */
record Passphrases(Sluice sluice, Home home) implements Passphrase {
  /** One that was given by option or environment; empty if none was. */
  Optional<String> given() throws ServiceException {
    if (sluice.passphraseFile != null) {
      return Optional.of(read(sluice.passphraseFile));
    }
    String file = sluice.environment().get("SLUICE_PASSPHRASE_FILE");
    if (file != null && !file.isEmpty()) {
      return Optional.of(read(NodeConfig.path(file, sluice.environment())));
    }
    return Optional.ofNullable(sluice.environment().get("SLUICE_PASSPHRASE"))
        .filter(text -> !text.isEmpty());
  }

  @Override
  public String get() throws ServiceException {
    Optional<String> given = given();
    if (given.isPresent()) {
      return given.get();
    }
    if (Files.isReadable(home.passphraseFile())) {
      return read(home.passphraseFile());
    }
    char @Nullable [] typed = sluice.surroundings.ask().get();
    if (typed != null && typed.length > 0) {
      return new String(typed);
    }
    throw new ServiceException(
        ErrorCode.NO_PASSPHRASE,
        "the keys are locked; give SLUICE_PASSPHRASE_FILE, SLUICE_PASSPHRASE or --passphrase-file");
  }

  /** Blanks belong to a passphrase; the end of the line, which editors add, does not. */
  static String withoutLineEnd(String text) {
    return text.replaceFirst("\\R\\z", "");
  }

  private String read(Path path) throws ServiceException {
    Path file = sluice.surroundings.folder().resolve(path);
    try {
      String text = withoutLineEnd(Files.readString(file));
      if (!text.isEmpty()) {
        return text;
      }
    } catch (IOException e) {
      throw new ServiceException(
          ErrorCode.NO_PASSPHRASE, "the passphrase file %s cannot be read".formatted(file), e);
    }
    throw new ServiceException(
        ErrorCode.NO_PASSPHRASE, "the passphrase file %s is empty".formatted(file));
  }
}
