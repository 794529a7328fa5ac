package org.basin.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.basin.config.Experiment;
import org.basin.config.ReplicaConfig;
import org.basin.config.Settings;
import org.basin.data.DataSource;
import org.basin.data.DatasetLoader;
import org.basin.landscape.ProbeCatalog;
import org.basin.theory.StudyCatalog;
import org.junit.jupiter.api.Test;

/** {@code experiments/smoke.yaml} has to grow with the settings. */
class SmokeExperimentTest {
  /** Sources that need files which are not in the repository. */
  private static final Set<Object> FROM_FILES =
      Set.of(DataSource.CSV, DataSource.IDX, DataSource.MNIST, DataSource.FASHION_MNIST);

  private static final List<ReplicaConfig> CONFIGS =
      smoke().points().stream().map(Point::config).toList();

  private static Plan smoke() {
    Experiment experiment = Experiment.read(Path.of("experiments/smoke.yaml"), List.of());
    DatasetLoader loader = new DatasetLoader();
    return Plan.of(experiment, options -> loader.shape(options, experiment.directory()));
  }

  private static Collection<String> paths() {
    return Settings.paths().stream()
        .filter(path -> !path.startsWith("data.csv.") && !path.startsWith("data.idx."))
        .toList();
  }

  @Test
  void changesEverySettingFromItsDefault() {
    List<String> untouched = new ArrayList<>();
    for (String path : paths()) {
      Object otherwise = Settings.value(ReplicaConfig.DEFAULTS, path);
      if (CONFIGS.stream()
          .allMatch(config -> Objects.equals(otherwise, Settings.value(config, path)))) {
        untouched.add(path);
      }
    }
    assertEquals(List.of(), untouched);
  }

  @Test
  void takesEveryChoice() {
    Set<String> left = new LinkedHashSet<>();
    for (String path : paths()) {
      if (Settings.value(ReplicaConfig.DEFAULTS, path) instanceof Enum<?> choice) {
        for (Object constant : choice.getDeclaringClass().getEnumConstants()) {
          if (!FROM_FILES.contains(constant)
              && CONFIGS.stream().noneMatch(c -> constant.equals(Settings.value(c, path)))) {
            left.add(path + ": " + constant);
          }
        }
      }
    }
    assertEquals(Set.of(), left);
  }

  @Test
  void hasEveryProbeAndEveryStudy() {
    Experiment smoke = Experiment.read(Path.of("experiments/smoke.yaml"), List.of());
    assertEquals(
        ProbeCatalog.names(),
        smoke.probes().stream().map(each -> each.kind().name()).distinct().toList());
    assertEquals(
        StudyCatalog.names(),
        smoke.studies().stream().map(each -> each.kind().name()).distinct().toList());
  }

  @Test
  void staysSmall() {
    // About 1 ms a step on DL4J, and 20 seconds in all with room to spare.
    assertTrue(smoke().totalSteps() <= 4000, smoke().totalSteps() + " steps");
  }
}
