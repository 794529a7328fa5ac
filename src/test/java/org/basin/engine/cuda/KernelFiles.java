package org.basin.engine.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/** The files that kernels stand in. */
final class KernelFiles {
  private KernelFiles() {}

  private static final Pattern KERNEL =
      Pattern.compile("__global__ void __launch_bounds__\\([^)]*\\)\\s+(\\w+)\\(");

  /** Names of the kernels in a file, sorted. */
  static List<String> kernels(Path file) {
    return KERNEL.matcher(text(file)).results().map(kernel -> kernel.group(1)).sorted().toList();
  }

  /** What stands in a file. */
  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException failure) {
      throw new UncheckedIOException(failure);
    }
  }

  /** Those whose names end with {@code ending}, by name. */
  static List<Path> all(String ending) {
    try {
      Path folder =
          Path.of(
                  Objects.requireNonNull(KernelSource.class.getResource("gather.cu"), "gather.cu")
                      .toURI())
              .getParent();
      List<Path> files = new ArrayList<>();
      try (DirectoryStream<Path> found = Files.newDirectoryStream(folder, "*" + ending)) {
        found.forEach(files::add);
      }
      Collections.sort(files);
      return files;
    } catch (IOException | URISyntaxException failure) {
      throw new IllegalStateException(failure);
    }
  }
}
