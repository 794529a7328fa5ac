package org.basin.execute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.basin.InvalidInputException;
import org.basin.RandomStreams;
import org.basin.config.Experiment;
import org.basin.data.DatasetLoader;
import org.basin.execute.SweepProgress.Ending;
import org.basin.model.Initialization;
import org.basin.plan.Plan;
import org.basin.plan.Replica;
import org.basin.store.RunFolder;
import org.basin.train.EngineDescription;
import org.basin.train.HistoryRow;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingStatus;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a sweep when engine, data or disk fail, or when it is stopped. */
@Timeout(60)
final class SweepRunnerTest {
  @TempDir Path folder;

  private final DatasetLoader loader = new DatasetLoader();
  private final Endings endings = new Endings();
  private SplitSource data = (options, seed) -> loader.load(options, folder, seed);
  private Plan plan;
  private RunFolder run;

  /** How each seed's replica ended. */
  private static final class Endings implements SweepProgress {
    final Map<Long, Ending> bySeed = new ConcurrentHashMap<>();

    @Override
    public void started(Replica replica) {}

    @Override
    public void stepsDone(long steps) {}

    @Override
    public void ended(Replica replica, Ending ending, long stepsSkipped) {
      bySeed.put(replica.seed(), ending);
    }
  }

  /** Training of one replica. */
  private interface Training {
    void of(TrainingTask task) throws InterruptedException;
  }

  /** An engine whose networks stay as they were drawn. */
  private record Engine(Training training) implements TrainingEngine {
    @Override
    public EngineDescription description() {
      return new EngineDescription("still", "none", "float32", "");
    }

    @Override
    public int stackSize() {
      return 1;
    }

    @Override
    public List<TrainingOutcome> train(List<TrainingTask> stack, TrainingProgress progress)
        throws InterruptedException {
      TrainingTask task = stack.getFirst();
      training.of(task);
      HistoryRow row = new HistoryRow(0, 0, 0.1, 1, 1, 1, 1, 1, 1, 1);
      return List.of(
          new TrainingOutcome(
              TrainingStatus.COMPLETED,
              Initialization.draw(task.spec(), RandomStreams.of(task.seed()).initialization()),
              List.of(row),
              row,
              1,
              0,
              0,
              0.1));
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void plan() throws IOException {
    Path file = folder.resolve("x.yaml");
    Files.writeString(
        file,
        "name: x\ndata: {source: iris}\nmodel: {width: 4}\ntraining: {batchSize: 8}\nseeds: 5\n");
    Experiment experiment = Experiment.read(file, List.of());
    plan = Plan.of(experiment, options -> loader.shape(options, folder));
    run = RunFolder.prepare(folder.resolve("run"), "x", experiment.toYaml(), plan.toJsonLines());
  }

  private SweepRunner runner(Training training) {
    return new SweepRunner(plan, new Engine(training), data, run, endings);
  }

  private List<Ending> endings() {
    return endings.bySeed.keySet().stream().sorted().map(endings.bySeed::get).toList();
  }

  private int results() {
    return SweepState.of(plan.replicas(), run, data).done().size();
  }

  @Test
  void failuresDoNotStopTheRest() {
    runner(
            task -> {
              if (task.seed() == 2) {
                throw new IllegalStateException("a bug in an engine");
              } else if (task.seed() == 3) {
                throw new NoClassDefFoundError("a library that is not there");
              } else if (task.seed() == 4) {
                throw new OutOfMemoryError("too wide");
              }
            })
        .run(plan.replicas(), 2);
    assertEquals(
        List.of(Ending.DONE, Ending.FAILED, Ending.FAILED, Ending.FAILED, Ending.DONE), endings());
    assertEquals(2, results());
    assertFalse(Files.exists(run.replica(plan.replicas().get(1).folder()).path()));
  }

  @Test
  void storageThatCannotBeWrittenEndsTheSweep() throws IOException {
    // A file where the third replica's folder should be.
    Path blocked = run.replica(plan.replicas().get(2).folder()).path();
    Files.createDirectories(blocked.getParent());
    Files.createFile(blocked);
    InvalidInputException refusal =
        assertThrows(InvalidInputException.class, () -> runner(task -> {}).run(plan.replicas(), 1));
    assertTrue(refusal.getMessage().startsWith("cannot write " + blocked), refusal.getMessage());
    assertEquals(List.of(Ending.DONE, Ending.DONE, Ending.FAILED), endings());
    Files.delete(blocked);
    runner(task -> {}).run(SweepState.of(plan.replicas(), run, data).toTrain(), 1);
    assertEquals(5, results());
  }

  @Test
  void dataThatCannotBeReadEndTheSweep() {
    SplitSource whole = data;
    data =
        (options, seed) -> {
          if (seed == 2) {
            throw new InvalidInputException("d.csv: no such file");
          }
          return whole.load(options, seed);
        };
    InvalidInputException refusal =
        assertThrows(InvalidInputException.class, () -> runner(task -> {}).run(plan.replicas(), 1));
    assertEquals("d.csv: no such file", refusal.getMessage());
    assertEquals(List.of(Ending.DONE, Ending.FAILED), endings());
  }

  @Test
  void aStoppedSweepKeepsWhatIsDoneAndLeavesNothingElse() throws Exception {
    CountDownLatch inTraining = new CountDownLatch(2);
    SweepRunner runner =
        runner(
            task -> {
              if (task.seed() > 1) {
                inTraining.countDown();
                new CountDownLatch(1).await();
              }
            });
    Thread main = Thread.ofPlatform().start(() -> runner.run(plan.replicas(), 2));
    inTraining.await();
    runner.stop();
    main.join();
    assertTrue(runner.stopped());
    assertEquals(List.of(Ending.DONE, Ending.STOPPED, Ending.STOPPED), endings());
    assertEquals(1, results());
    assertFalse(Files.exists(run.replica(plan.replicas().get(1).folder()).path()));
  }

  @Test
  void aSweepStoppedBeforeItBeginsTrainsNothing() {
    SweepRunner runner = runner(task -> {});
    runner.stop();
    runner.run(plan.replicas(), 2);
    assertEquals(0, results());
    assertEquals(List.of(), endings());
  }

  @Test
  void whatAnotherProcessHasTrainedMeanwhileIsNotTrainedAgain() {
    runner(task -> {}).run(plan.replicas().subList(0, 3), 1);
    endings.bySeed.clear();
    List<Long> trained = Collections.synchronizedList(new java.util.ArrayList<>());
    runner(task -> trained.add(task.seed())).run(plan.replicas(), 1);
    assertEquals(List.of(4L, 5L), trained);
    assertEquals(
        List.of(Ending.ELSEWHERE, Ending.ELSEWHERE, Ending.ELSEWHERE, Ending.DONE, Ending.DONE),
        endings());
  }
}
