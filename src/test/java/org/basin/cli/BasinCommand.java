package org.basin.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a command did.
 *
 * @param code exit code
 * @param out standard output
 * @param err standard error, the log included
 */
record BasinCommand(int code, String out, String err) {
  /** An experiment of two widths and two seeds that takes 36 steps in all. */
  static final String TINY =
      """
      name: tiny
      data: {source: iris, validationFraction: 0.2}
      model: {depth: 1}
      training: {epochs: 3, batchSize: 32}
      seeds: 2
      engine: cpu
      sweep:
        grid:
          model.width: [4, 8]
      """;

  /** Runs {@code basin} with {@code arguments} in this process. */
  static BasinCommand basin(Object... arguments) {
    StringWriter out = new StringWriter();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream before = System.err;
    int code;
    try (PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      System.setErr(stream);
      code =
          Basin.execute(
              new PrintWriter(out, true),
              new PrintWriter(stream, true, StandardCharsets.UTF_8),
              Stream.of(arguments).map(Object::toString).toArray(String[]::new));
    } finally {
      System.setErr(before);
    }
    return new BasinCommand(code, out.toString(), err.toString(StandardCharsets.UTF_8));
  }

  /** A process that runs {@code basin}, with Ctrl-C not ignored, whoever started the tests. */
  static Process process(Path out, Path err, Object... arguments) throws IOException {
    return builder(List.of(), arguments)
        .redirectOutput(out.toFile())
        .redirectError(err.toFile())
        .start();
  }

  /**
   * Runs {@code basin} in a process of its own.
   *
   * @param folder for what it prints
   * @param environment variables beside this process's
   * @param javaOptions e.g. {@code -Dname=value}
   */
  static BasinCommand elsewhere(
      Path folder, Map<String, String> environment, List<String> javaOptions, Object... arguments)
      throws IOException, InterruptedException {
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    ProcessBuilder builder = builder(javaOptions, arguments);
    builder.environment().putAll(environment);
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    int code = process.waitFor();
    return new BasinCommand(code, Files.readString(out), Files.readString(err));
  }

  private static ProcessBuilder builder(List<String> javaOptions, Object... arguments) {
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(Path.of("/usr/bin/env"))
        && System.getProperty("os.name").equals("Linux")) {
      command.addAll(List.of("/usr/bin/env", "--default-signal=INT,TERM"));
    }
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Xmx512m",
            "-Dorg.bytedeco.javacpp.maxphysicalbytes=0"));
    command.addAll(javaOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Basin.class.getName()));
    Stream.of(arguments).map(Object::toString).forEach(command::add);
    return new ProcessBuilder(command);
  }

  /** Writes {@code text} to {@code name} in {@code folder}. */
  static Path write(Path folder, String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Every file below {@code folder}, relative to it, sorted. */
  static List<String> files(Path folder) {
    while (true) {
      try (Stream<Path> files = Files.walk(folder)) {
        return files
            .filter(Files::isRegularFile)
            .map(file -> folder.relativize(file).toString())
            .sorted()
            .toList();
      } catch (UncheckedIOException changing) {
        // A process that is at work renamed a file in the middle of the walk: once more.
        if (!(changing.getCause() instanceof NoSuchFileException)) {
          throw changing;
        }
      } catch (IOException failure) {
        throw new UncheckedIOException(failure);
      }
    }
  }
}
