package org.basin.config;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.function.Executable;

/** Experiment files of a test, and what reading them says. */
public record ExperimentFolder(Path folder) {

  /** Writes {@code lines} to {@code name}. */
  public Path write(String name, String... lines) {
    try {
      return Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n");
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** Reads {@code x.yaml} with these lines. */
  public Experiment read(String... lines) {
    return Experiment.read(write("x.yaml", lines), List.of());
  }

  /** The message that {@code action} is refused with, the folder's own path cut away. */
  public String refusal(Executable action) {
    String message = assertThrows(InvalidInputException.class, action).getMessage();
    return message.replaceAll(Matcher.quoteReplacement(folder + "/"), "");
  }
}
