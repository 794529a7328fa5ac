package org.basin.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.basin.InvalidInputException;
import org.basin.config.Experiment;
import org.basin.data.DatasetLoader;
import org.basin.data.Examples;
import org.basin.engine.EngineRegistry;
import org.basin.landscape.ProbeConditions;
import org.basin.landscape.ProbeKind;
import org.basin.landscape.ProbeRequest;
import org.basin.landscape.curvature.HessianOptions;
import org.basin.landscape.curvature.HessianProbe;
import org.basin.landscape.sharpness.BasinWidthOptions;
import org.basin.landscape.sharpness.BasinWidthProbe;
import org.basin.measurement.Measurement;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.Parameterization;
import org.basin.plan.Plan;
import org.basin.plan.Replica;
import org.basin.store.RunFolder;
import org.basin.train.EngineDescription;
import org.basin.train.EngineLostException;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.SideBySide;
import org.basin.train.TrainingEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is measured together, and what becomes of it when the engine's device is gone. */
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

  /** An engine of several networks at once, which says who asked it how. */
  private static final class Beside implements ObjectiveEngine, SideBySide {
    private final ObjectiveEngine engine = EngineRegistry.standard().openObjectives("cpu", 1);
    private final boolean several;
    boolean refusing; // members, of all but the narrowest networks
    final List<String> groups = Collections.synchronizedList(new ArrayList<>());
    final AtomicInteger open = new AtomicInteger();
    final AtomicInteger askedAlone = new AtomicInteger();

    Beside(boolean several) {
      this.several = several;
    }

    /** A network's own. */
    private final class Member implements ObjectiveEngine {
      @Override
      public EngineDescription description() {
        return engine.description();
      }

      @Override
      public Objective objective(
          MlpSpec spec, ObjectiveOptions options, Examples data, NetworkState statistics) {
        if (refusing && spec.width() > 2) {
          throw new InvalidInputException("others have taken the memory");
        }
        return engine.objective(spec, options, data, statistics);
      }

      @Override
      public void close() {
        open.decrementAndGet();
      }
    }

    @Override
    public Optional<SideBySide> sideBySide() {
      return several ? Optional.of(this) : Optional.empty();
    }

    @Override
    public int most(MlpSpec spec, int examples) {
      groups.add(spec.width() + ":" + examples);
      return 2;
    }

    @Override
    public int groups() {
      return 1;
    }

    @Override
    public List<ObjectiveEngine> engines(int count) {
      groups.add("" + count);
      open.addAndGet(count);
      return Stream.<ObjectiveEngine>generate(Member::new).limit(count).toList();
    }

    @Override
    public EngineDescription description() {
      return engine.description();
    }

    @Override
    public Objective objective(
        MlpSpec spec, ObjectiveOptions options, Examples data, NetworkState statistics) {
      askedAlone.incrementAndGet();
      return engine.objective(spec, options, data, statistics);
    }

    @Override
    public void close() {
      engine.close();
    }
  }

  /** An experiment on data that lie in the folder. */
  private record Sweep(Experiment experiment, SplitSource data, Plan plan) {
    RunFolder prepare(Path at) {
      return RunFolder.prepare(at, "x", experiment.toYaml(), plan.toJsonLines());
    }
  }

  private Sweep sweep(String yaml) throws IOException {
    Path file = folder.resolve("x.yaml");
    Files.writeString(file, yaml);
    Experiment experiment = Experiment.read(file, List.of());
    DatasetLoader loader = new DatasetLoader();
    return new Sweep(
        experiment,
        (options, seed) -> loader.load(options, folder, seed),
        Plan.of(experiment, options -> loader.shape(options, folder)));
  }

  private static final class Recorder implements ProbeProgress {
    final List<Integer> measured = Collections.synchronizedList(new ArrayList<>());
    final List<Integer> present = Collections.synchronizedList(new ArrayList<>());
    final List<String> failed = Collections.synchronizedList(new ArrayList<>());

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
    Sweep sweep =
        sweep(
            """
            name: x
            data: {source: iris}
            model: {depth: 1}
            training: {epochs: 1, batchSize: 32}
            sweep: {grid: {model.width: [2, 3, 4]}}
            """);
    Experiment experiment = sweep.experiment;
    SplitSource data = sweep.data;
    Plan plan = sweep.plan;
    RunFolder run = sweep.prepare(folder.resolve("run"));
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

  /** Whole matrices of 2,000 parameters are large, Krylov spaces of a few more are not. */
  @Test
  void theHeapHoldsSoManySideBySide() {
    List<ProbeRequest> requests =
        List.of(
            request(HessianProbe.KIND, HessianOptions.DEFAULTS),
            request(BasinWidthProbe.KIND, BasinWidthOptions.DEFAULTS));
    long heap = Runtime.getRuntime().maxMemory() / 2;
    long whole = 3 * 12L * 1_999 * 1_999; // H, G and R in double precision, each with half a copy
    int most = ProbeRunner.heapHolds(ofParameters(1_999), requests, 1);
    assertEquals(heap / (double) whole, most, 1 + 0.05 * most);
    assertEquals(most / 2.0, ProbeRunner.heapHolds(ofParameters(1_999), requests, 2), 1);
    assertTrue(ProbeRunner.heapHolds(ofParameters(2_002), requests, 1) > 5 * most);
    assertEquals(1, ProbeRunner.heapHolds(ofParameters(300_000_000), requests, 2));
  }

  private static ProbeRequest request(ProbeKind<?> kind, Record options) {
    return new ProbeRequest(kind, ProbeConditions.DEFAULTS, options);
  }

  /** A layer of one output without biases. */
  private static MlpSpec ofParameters(int count) {
    return new MlpSpec(
        count,
        List.of(),
        1,
        Activation.RELU,
        false,
        false,
        Initialization.HE,
        Parameterization.STANDARD,
        64);
  }

  /** Three seeds of each of two widths, at most two side by side; the rest one by one. */
  @Test
  void networksOfAShapeAreMeasuredSideBySideWhereTheEngineTakesThem() throws IOException {
    Sweep sweep =
        sweep(
            """
            name: x
            seeds: 3
            data: {source: iris}
            model: {depth: 1}
            training: {epochs: 1, batchSize: 32}
            sweep: {grid: {model.width: [2, 3]}}
            """);
    Experiment experiment = sweep.experiment;
    SplitSource data = sweep.data;
    Plan plan = sweep.plan;
    List<ProbeRequest> requests =
        List.of(
            experiment.probe("hessian", List.of("largest=2")),
            experiment.probe("trajectory", List.of()),
            experiment.probe("basin-width", List.of("directions=4")));
    List<List<String>> files = new ArrayList<>();
    List<Integer> askedAlone = new ArrayList<>();
    for (boolean several : new boolean[] {true, false}) {
      RunFolder run = sweep.prepare(folder.resolve("run-" + several));
      Recorder recorder = new Recorder();
      try (TrainingEngine training = EngineRegistry.standard().open("cpu");
          Beside engine = new Beside(several)) {
        new SweepRunner(plan, training, data, run, new Unheard()).run(plan.replicas(), 1);
        new ProbeRunner(plan, run, data, engine, training, recorder)
            .run(plan.replicas(), requests, 1);
        assertEquals(
            several ? List.of("3:120", "2:120", "1", "2", "1", "2") : List.of(), engine.groups);
        assertEquals(0, engine.open.get(), "all are closed");
        askedAlone.add(engine.askedAlone.get());
      }
      assertEquals(List.of(), recorder.failed);
      assertEquals(3 * 6, recorder.measured.size());
      List<String> measured = new ArrayList<>();
      for (Replica replica : plan.replicas()) {
        for (ProbeRequest request : requests) {
          String json =
              Files.readString(
                  run.replica(replica.folder())
                      .path()
                      .resolve("probes/" + request.kind().name() + ".json"));
          measured.add(json.replaceAll("\"seconds\".*", ""));
        }
      }
      files.add(measured);
    }
    assertEquals(files.get(1), files.get(0));
    assertTrue(askedAlone.getFirst() <= askedAlone.getLast() - 2 * 6, askedAlone.toString());
  }

  /** Such as memory that the others of a group hold. */
  @Test
  void whatIsRefusedSideBySideIsMeasuredAlone() throws IOException {
    Sweep sweep =
        sweep(
            """
            name: x
            seeds: 2
            data: {source: iris}
            model: {depth: 1}
            training: {epochs: 1, batchSize: 32}
            sweep: {grid: {model.width: [2, 3]}}
            """);
    Experiment experiment = sweep.experiment;
    SplitSource data = sweep.data;
    Plan plan = sweep.plan;
    RunFolder run = sweep.prepare(folder.resolve("run"));
    List<ProbeRequest> requests = List.of(experiment.probe("hessian", List.of("largest=2")));
    Recorder recorder = new Recorder();
    try (TrainingEngine training = EngineRegistry.standard().open("cpu");
        Beside engine = new Beside(true)) {
      engine.refusing = true;
      new SweepRunner(plan, training, data, run, new Unheard()).run(plan.replicas(), 1);
      new ProbeRunner(plan, run, data, engine, training, recorder)
          .run(plan.replicas(), requests, 2);
      assertTrue(engine.askedAlone.get() > 0);
    }
    assertEquals(List.of(), recorder.failed);
    assertEquals(List.of(2, 2, 3, 3), recorder.measured.stream().sorted().toList());
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
