package org.basin.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.basin.store.CompletedReplica;
import org.basin.store.CompletedRun;
import org.junit.jupiter.api.Test;

class SweepTest {

  @Test
  void widthIsTheAxisWhereverItStands() {
    Sweep sweep = Sweep.of(SyntheticRuns.threeSettings(2).build());

    assertEquals(new SweepAxis("model.width", "width", SweepAxis.Scale.LOG), sweep.axis());
    assertEquals(9, sweep.series().size());
    assertEquals("label smoothing 0.0, learning rate 0.003", sweep.series().getFirst().label());
    assertEquals(19, sweep.series().getFirst().points().size());
    assertEquals(2, sweep.series().getFirst().points().getFirst().replicas().size());
  }

  @Test
  void settingZippedWithWidthMakesNoSeries() {
    CompletedRun run = SyntheticRuns.doubleDescent(1).build();
    List<CompletedReplica> replicas = new ArrayList<>();
    for (CompletedReplica replica : run.replicas()) {
      Map<String, String> varying = new LinkedHashMap<>(replica.varying());
      varying.put("training.optimizer.learningRate", "1e-" + replica.result().width());
      replicas.add(
          new CompletedReplica(
              replica.folder(), varying, replica.result(), replica.history(), replica.probes()));
    }
    Sweep sweep =
        Sweep.of(
            new CompletedRun(
                run.directory(),
                run.name(),
                run.description(),
                run.experimentYaml(),
                run.provenance(),
                run.planned(),
                List.of("model.width", "training.optimizer.learningRate"),
                replicas,
                List.of()));

    assertEquals(1, sweep.series().size());
    assertEquals("", sweep.series().getFirst().label());
  }

  @Test
  void withoutWidthANumberIsTheAxis() {
    assertEquals(
        new SweepAxis("training.labelSmoothing", "label smoothing", SweepAxis.Scale.LINEAR),
        axis("training.labelSmoothing", "0.0", "0.05", "0.1"));
    assertEquals(
        new SweepAxis("training.optimizer.learningRate", "learning rate", SweepAxis.Scale.LOG),
        axis("training.optimizer.learningRate", "0.001", "0.01"));
    assertEquals(
        new SweepAxis("training.optimizer.name", "optimizer", SweepAxis.Scale.CATEGORY),
        axis("training.optimizer.name", "sgd", "adam"));
  }

  @Test
  void numbersAreInOrder() {
    Sweep sweep =
        Sweep.of(
            SyntheticRuns.over("training.labelSmoothing", List.of("0.2", "0.0", "0.1"), 1).build());

    assertEquals(
        List.of("0.0", "0.1", "0.2"),
        sweep.series().getFirst().points().stream().map(SweepPoint::label).toList());
  }

  @Test
  void onePointHasNoAxis() {
    Sweep sweep = Sweep.of(SyntheticRuns.onePoint(3).build());

    assertEquals(SweepAxis.Scale.NONE, sweep.axis().scale());
    assertEquals(3, sweep.series().getFirst().points().getFirst().replicas().size());
  }

  @Test
  void emptyRunHasNoSeries() {
    assertTrue(Sweep.of(SyntheticRuns.onePoint(1).without(1).build()).series().isEmpty());
  }

  private static SweepAxis axis(String key, String... values) {
    return Sweep.of(SyntheticRuns.over(key, List.of(values), 1).build()).axis();
  }
}
