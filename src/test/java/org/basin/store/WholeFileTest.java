package org.basin.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.basin.InvalidInputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WholeFileTest {
  @TempDir Path folder;

  @Test
  void replacesTheOldFile() throws IOException {
    Path file = folder.resolve("a.txt");
    WholeFile.write(file, "old and longer");
    WholeFile.write(file, "né");
    assertEquals("né", Files.readString(file));
    assertEquals(List.of("a.txt"), names());
  }

  @Test
  void aFailureLeavesTheOldFileAndNoOther() throws IOException {
    Path file = folder.resolve("a.txt");
    WholeFile.write(file, "old");
    InvalidInputException failure =
        assertThrows(
            InvalidInputException.class,
            () ->
                WholeFile.write(
                    file,
                    out -> {
                      out.write(new byte[100_000]);
                      throw new IOException("No space left on device");
                    }));
    assertEquals("cannot write " + file + ": No space left on device", failure.getMessage());
    assertEquals("old", Files.readString(file));
    assertEquals(List.of("a.txt"), names());
  }

  @Test
  void aContentThatCannotBeMadeLeavesNothing() throws IOException {
    assertThrows(
        IllegalStateException.class,
        () ->
            WholeFile.write(
                folder.resolve("a.txt"),
                out -> {
                  throw new IllegalStateException("a bug");
                }));
    assertEquals(List.of(), names());
  }

  @Test
  void saysWhyThereIsNoFolder() {
    Path file = folder.resolve("none/a.txt");
    InvalidInputException failure =
        assertThrows(InvalidInputException.class, () -> WholeFile.write(file, ""));
    assertEquals("cannot write " + file + ": no such file or folder", failure.getMessage());
  }

  @Test
  void removesOnlyOldFilesOfDeadProcesses() throws IOException {
    long dead = 4_194_304L + 1; // above the largest process id of Linux
    FileTime longAgo = FileTime.from(Instant.now().minusSeconds(3600));
    Path stale = Files.createFile(folder.resolve("results.csv." + dead + ".part"));
    Files.setLastModifiedTime(stale, longAgo);
    Files.createFile(folder.resolve("young.csv." + dead + ".part"));
    Path ours = folder.resolve("ours.csv." + ProcessHandle.current().pid() + ".part");
    Files.setLastModifiedTime(Files.createFile(ours), longAgo);
    Files.setLastModifiedTime(Files.createFile(folder.resolve("download.part")), longAgo);
    WholeFile.removeLeftovers(folder);
    assertEquals(
        Stream.of("download.part", ours.getFileName().toString(), "young.csv." + dead + ".part")
            .sorted()
            .toList(),
        names());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
