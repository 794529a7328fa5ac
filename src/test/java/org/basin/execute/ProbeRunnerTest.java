package org.basin.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.basin.config.Experiment;
import org.basin.data.DatasetLoader;
import org.basin.data.Examples;
import org.basin.engine.EngineRegistry;
import org.basin.landscape.ProbeRequest;
import org.basin.measurement.Measurement;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.plan.Plan;
import org.basin.plan.Replica;
import org.basin.store.RunFolder;
import org.basin.train.EngineDescription;
import org.basin.train.EngineLostException;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.TrainingEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of measuring when the engine's device is gone. */
final class ProbeRunnerTest {
  @TempDir Path folder;

  /** An engine that is lost when a certain network is asked about. */
  private static final class LostAtWidth implements ObjectiveEngine {
    private final ObjectiveEngine engine = EngineRegistry.standard().openObjectives("cpu", 1);
    private final int width;

    LostAtWidth(int width) {
      this.width = width;
    }

    @Override
    public EngineDescription description() {
      return engine.description();
    }

    @Override
    public Objective objective(
        MlpSpec spec, ObjectiveOptions options, Examples data, NetworkState statistics) {
      if (spec.width() == width) {
        throw new EngineLostException("the device is gone; reset it");
      }
      return engine.objective(spec, options, data, statistics);
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  private static final class Recorder implements ProbeProgress {
    final List<Integer> measured = new ArrayList<>();
    final List<Integer> present = new ArrayList<>();
    final List<String> failed = new ArrayList<>();

    private static int width(Replica replica) {
      return replica.point().config().model().width();
    }

    @Override
    public void measured(
        Replica replica, ProbeRequest request, Measurement measurement, double seconds) {
      measured.add(width(replica));
    }

    @Override
    public void present(Replica replica, ProbeRequest request) {
      present.add(width(replica));
    }

    @Override
    public void elsewhere(Replica replica, ProbeRequest request) {
      failed.add(replica.folder());
    }

    @Override
    public void failed(Replica replica, ProbeRequest request, String problem) {
      failed.add(problem);
    }
  }

  @Test
  void anEngineThatIsLostEndsTheMeasuringAndKeepsWhatIsThere() throws IOException {
    Path file = folder.resolve("x.yaml");
    Files.writeString(
        file,
        """
        name: x
        data: {source: iris}
        model: {depth: 1}
        training: {epochs: 1, batchSize: 32}
        sweep: {grid: {model.width: [2, 3, 4]}}
        """);
    Experiment experiment = Experiment.read(file, List.of());
    DatasetLoader loader = new DatasetLoader();
    SplitSource data = (options, seed) -> loader.load(options, folder, seed);
    Plan plan = Plan.of(experiment, options -> loader.shape(options, folder));
    Path at = folder.resolve("run");
    RunFolder run = RunFolder.prepare(at, "x", experiment.toYaml(), plan.toJsonLines());
    List<ProbeRequest> requests =
        List.of(
            experiment.probe("hessian", List.of("largest=2")),
            experiment.probe("basin-width", List.of("directions=4")));
    try (TrainingEngine training = EngineRegistry.standard().open("cpu");
        ObjectiveEngine losing = new LostAtWidth(3);
        ObjectiveEngine whole = new LostAtWidth(0)) {
      new SweepRunner(plan, training, data, run, new Unheard()).run(plan.replicas(), 1);
      // The largest first: of three networks, the second is the one that is lost at.
      Recorder before = new Recorder();
      ProbeRunner runner = new ProbeRunner(plan, run, data, losing, training, before);
      EngineLostException loss =
          assertThrows(EngineLostException.class, () -> runner.run(plan.replicas(), requests, 1));
      assertEquals("the device is gone; reset it", loss.getMessage());
      assertEquals(List.of(4, 4), before.measured);
      assertEquals(List.of(), before.failed);
      for (Replica replica : plan.replicas()) {
        Path replicaFolder = run.replica(replica.folder()).path();
        assertFalse(Files.exists(replicaFolder.resolve(".claim")));
        assertEquals(Recorder.width(replica) == 4, Files.exists(replicaFolder.resolve("probes")));
      }

      Recorder after = new Recorder();
      new ProbeRunner(plan, run, data, whole, training, after).run(plan.replicas(), requests, 1);
      assertEquals(List.of(4, 4), after.present);
      assertEquals(List.of(3, 3, 2, 2), after.measured);
      assertTrue(after.failed.isEmpty());
    }
  }

  private static final class Unheard implements SweepProgress {
    @Override
    public void started(Replica replica) {}

    @Override
    public void stepsDone(long steps) {}

    @Override
    public void ended(Replica replica, Ending ending, long stepsSkipped) {
      assertEquals(Ending.DONE, ending);
    }
  }
}
