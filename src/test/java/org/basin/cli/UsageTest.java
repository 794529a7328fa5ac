package org.basin.cli;

import static org.basin.cli.BasinCommand.basin;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Help, misuse, and the commands that only tell. */
final class UsageTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "run",
        "plan",
        "status",
        "collect",
        "report",
        "probe",
        "data",
        "data list",
        "data describe",
        "data fetch",
        "connect",
        "bench",
        "verify",
        "doctor"
      })
  void everyCommandHasHelp(String command) {
    BasinCommand help = basin((Object[]) (command + " --help").strip().split(" ", -1));
    assertEquals(0, help.code());
    assertTrue(help.out().startsWith(("Usage: basin " + command).strip()), help.out());
    assertEquals("", help.err());
  }

  @Test
  void withoutACommandThereIsHelp() {
    assertEquals(basin("--help"), basin());
    assertEquals(basin("data", "--help"), basin("data"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          rnu                | basin: basin has no command 'rnu', did you mean run?; see basin --help
          frobnicate         | basin: basin has no command 'frobnicate'; see basin --help
          data lst           | basin: basin data has no command 'lst', did you mean list?; see basin data --help
          run                | basin: Missing required parameter: 'FILE'; see basin run --help
          run a b            | basin: 'b' is one argument too many; see basin run --help
          plan x --ste=a     | basin: basin plan has no option '--ste', did you mean --set?; see basin plan --help
          report x --opt     | basin: basin report has no option '--opt', did you mean --out?; see basin report --help
          data describe irsi | basin: there is no data source 'irsi', allowed: mnist1d, digits,
          data fetch iris    | basin: 'iris' cannot be fetched, allowed: mnist, fashion-mnist
          """)
  void misuseGetsOneLine(String arguments, String line) {
    BasinCommand misuse = basin((Object[]) arguments.strip().split(" ", -1));
    assertEquals(2, misuse.code());
    assertEquals("", misuse.out());
    assertEquals(1, misuse.err().lines().count(), misuse.err());
    assertTrue(misuse.err().startsWith(line.strip()), misuse.err());
  }

  @Test
  void dataIsListedAndDescribed() {
    BasinCommand list = basin("data", "list");
    assertEquals(0, list.code());
    assertEquals(13, list.out().lines().count(), list.out());
    assertTrue(list.out().contains("\niris "), list.out());

    BasinCommand iris = basin("data", "describe", "iris");
    assertEquals(0, iris.code());
    assertTrue(iris.out().contains("4 features, 3 classes; 120 training, 0 validation, 30 test"));

    Path file = BasinCommand.write(folder, "x.yaml", "name: x\ndata: {source: wine}\n");
    BasinCommand subset = basin("data", "describe", file, "--set", "data.n=50");
    assertEquals(0, subset.code(), subset.err());
    assertTrue(subset.out().contains("13 features, 3 classes; 50 training"), subset.out());
  }

  @Test
  void doctorNamesEveryEngineAndWhy() {
    BasinCommand doctor = basin("doctor");
    assertEquals(0, doctor.code());
    assertTrue(doctor.out().contains("engine dl4j    available: DL4J"), doctor.out());
    assertTrue(doctor.out().contains(Runtime.version().toString()), doctor.out());
    assertFalse(doctor.out().contains("null"), doctor.out());
  }

  @Test
  void versionIsOneLine() {
    BasinCommand version = basin("--version");
    assertEquals(0, version.code());
    assertTrue(version.out().matches("basin \\S+\n"), version.out());
  }
}
