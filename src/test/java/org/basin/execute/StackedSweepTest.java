package org.basin.execute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.basin.InvalidInputException;
import org.basin.config.Experiment;
import org.basin.data.DatasetLoader;
import org.basin.data.Split;
import org.basin.engine.ReferenceStack;
import org.basin.execute.SweepProgress.Ending;
import org.basin.plan.Plan;
import org.basin.plan.Replica;
import org.basin.store.Claim;
import org.basin.store.RunFolder;
import org.basin.train.EngineDescription;
import org.basin.train.EngineLostException;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingOutcome;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingTask;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sweeps that are trained in stacks: the same results, and what becomes of a stack that ends. */
@Timeout(60)
final class StackedSweepTest {
  private static final int MOST = 4;

  @TempDir Path folder;

  private final DatasetLoader loader = new DatasetLoader();
  private final Recorder recorder = new Recorder();
  private final List<List<TrainingTask>> stacks = new ArrayList<>();
  private int atOnce; // stacks in training, guarded by them
  private int mostAtOnce;
  private SplitSource data = (options, seed) -> loader.load(options, folder, seed);
  private Plan plan;
  private RunFolder run;

  /** How replicas ended, in the order in which they did. */
  private static final class Recorder implements SweepProgress {
    final List<Replica> started = new ArrayList<>();
    final Map<Replica, Ending> ended = new LinkedHashMap<>();
    long steps;

    @Override
    public synchronized void started(Replica replica) {
      assertFalse(started.contains(replica));
      started.add(replica);
    }

    @Override
    public synchronized void stepsDone(long more) {
      steps += more;
    }

    @Override
    public synchronized void ended(Replica replica, Ending ending, long stepsSkipped) {
      assertEquals(null, ended.put(replica, ending), "every replica ends once");
      steps += stepsSkipped;
    }

    List<Ending> endings() {
      return List.copyOf(ended.values());
    }
  }

  /** What happens before the stack with an index, from 0, is trained. */
  private interface Before {
    void stack(int index) throws InterruptedException;
  }

  /** Reference networks in stacks. */
  private final class Engine implements TrainingEngine {
    private final int most;
    private final Before before;

    Engine(int most, Before before) {
      this.most = most;
      this.before = before;
    }

    @Override
    public EngineDescription description() {
      return new EngineDescription("reference", "none", "float64", "");
    }

    @Override
    public int stackSize() {
      return most;
    }

    @Override
    public int stacksAtOnce() {
      return 2;
    }

    @Override
    public List<TrainingOutcome> train(List<TrainingTask> stack, TrainingProgress progress)
        throws InterruptedException {
      int index;
      synchronized (stacks) {
        stacks.add(stack);
        index = stacks.size() - 1;
        atOnce++;
        mostAtOnce = Math.max(mostAtOnce, atOnce);
      }
      try (ReferenceStack networks = new ReferenceStack(stack)) {
        before.stack(index);
        return TrainingLoop.run(stack, networks, progress);
      } finally {
        synchronized (stacks) {
          atOnce--;
        }
      }
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void plan() throws IOException {
    Path file = folder.resolve("x.yaml");
    // Two shapes, of six replicas each, whose noisy labels differ; one rate in three diverges.
    Files.writeString(
        file,
        """
        name: x
        data: {source: iris, validationFraction: 0.2, labelNoise: {kind: redraw, fraction: 0.15}}
        model: {depth: 1}
        training: {epochs: 6, batchSize: 32, stopping: {patience: 2}}
        seeds: 2
        sweep:
          grid:
            model.width: [8, 5]
            training.optimizer.learningRate: [0.1, 0.03, 100000]
        """);
    Experiment experiment = Experiment.read(file, List.of());
    plan = Plan.of(experiment, options -> loader.shape(options, folder));
    run = RunFolder.prepare(folder.resolve("run"), "x", experiment.toYaml(), plan.toJsonLines());
  }

  private SweepRunner runner(int most, Before before) {
    return new SweepRunner(plan, new Engine(most, before), data, run, recorder);
  }

  private List<Replica> missing() {
    return SweepState.of(plan.replicas(), run, data).toTrain();
  }

  private List<Integer> sizes() {
    return stacks.stream().map(List::size).toList();
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("run"))) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString())
          .sorted()
          .toList();
    }
  }

  /** What a replica left, the time that it took aside. */
  private String left(Replica replica) throws IOException {
    Path at = run.replica(replica.folder()).path();
    String result = Files.readString(at.resolve("result.json"));
    Path model = at.resolve("model.safetensors"); // none of a diverged one
    return result.replaceFirst("\"seconds\" *: *[^,]*", "")
        + Files.readString(at.resolve("history.csv"))
        + (Files.exists(model) ? Arrays.toString(Files.readAllBytes(model)) : "");
  }

  @Test
  void stacksLeaveWhatReplicasAloneLeave() throws IOException {
    runner(1, index -> {}).run(plan.replicas(), 2);
    assertEquals(12, stacks.size());
    Map<Replica, String> alone = new LinkedHashMap<>();
    for (Replica replica : plan.replicas()) {
      alone.put(replica, left(replica));
      Files.delete(run.replica(replica.folder()).path().resolve("result.json"));
    }
    final List<String> files = files();
    final Map<Replica, Ending> endings = Map.copyOf(recorder.ended);
    assertTrue(endings.values().containsAll(List.of(Ending.DONE, Ending.DIVERGED)));
    assertEquals(plan.totalSteps(), recorder.steps);

    recorder.ended.clear();
    recorder.started.clear();
    recorder.steps = 0;
    stacks.clear();
    runner(MOST, index -> {}).run(missing(), 2);
    assertEquals(List.of(2, 2, 4, 4), sizes().stream().sorted().toList());
    for (Replica replica : plan.replicas()) {
      assertEquals(alone.get(replica), left(replica), replica.folder());
    }
    assertEquals(endings, recorder.ended);
    assertEquals(plan.totalSteps(), recorder.steps);
    assertEquals(12, files().size() - files.size(), "the results, and no claims");
    TrainingTask first = stacks.getFirst().getFirst();
    for (TrainingTask task : stacks.getFirst()) {
      assertSame(first.data().train().inputs(), task.data().train().inputs());
    }
  }

  @Test
  void aStackThatIsStoppedLeavesNothingAndTheNextRunGoesOn() throws Exception {
    CountDownLatch training = new CountDownLatch(1);
    SweepRunner runner =
        runner(
            MOST,
            index -> {
              if (index == 1) {
                training.countDown();
                new CountDownLatch(1).await();
              }
            });
    Thread main = Thread.ofPlatform().start(() -> runner.run(plan.replicas(), 1));
    training.await();
    runner.stop();
    main.join();
    assertEquals(Collections.nCopies(4, Ending.STOPPED), recorder.endings().subList(4, 8));
    assertEquals(8, recorder.ended.size(), "the third stack is not begun");
    assertEquals(8, missing().size());
    for (Replica replica : missing()) {
      assertFalse(Files.exists(run.replica(replica.folder()).path()));
    }
    recorder.ended.clear();
    recorder.started.clear();
    runner(MOST, index -> {}).run(missing(), 1);
    assertEquals(0, missing().size());
  }

  @Test
  void anEngineThatIsLostEndsTheSweepAndKeepsTheStacksBefore() throws IOException {
    SweepRunner runner =
        runner(
            MOST,
            index -> {
              if (index == 1) {
                throw new EngineLostException("the device is gone; reset it");
              }
            });
    EngineLostException loss =
        assertThrows(EngineLostException.class, () -> runner.run(plan.replicas(), 1));
    assertEquals("the device is gone; reset it", loss.getMessage());
    assertEquals(8, recorder.ended.size());
    assertFalse(recorder.endings().subList(0, 4).contains(Ending.FAILED));
    assertEquals(Collections.nCopies(4, Ending.FAILED), recorder.endings().subList(4, 8));
    assertEquals(8, missing().size());
    assertTrue(files().stream().noneMatch(file -> file.endsWith(".claim")), files().toString());
    for (Replica replica : missing()) {
      assertFalse(Files.exists(run.replica(replica.folder()).path()));
    }
  }

  @Test
  void noMoreStacksAreBegunThanTheEngineHasUseFor() {
    runner(MOST, index -> Thread.sleep(100)).run(plan.replicas(), 8);
    assertEquals(2, mostAtOnce);
    assertEquals(0, missing().size());
  }

  @Test
  void theOthersAreTrainedWhenAStackFails() {
    runner(
            MOST,
            index -> {
              if (index == 1) {
                throw new IllegalStateException("a bug in an engine");
              }
            })
        .run(plan.replicas(), 1);
    assertEquals(4, Collections.frequency(recorder.endings(), Ending.FAILED));
    assertEquals(12, recorder.ended.size());
    assertEquals(4, missing().size());
  }

  @Test
  void aResultThatCannotBeWrittenEndsTheSweepAndKeepsThoseBeforeIt() throws IOException {
    Replica third = plan.replicas().get(2); // of the first stack
    Path inTheWay = run.replica(third.folder()).path().resolve("history.csv");
    SweepRunner runner =
        runner(
            MOST,
            index -> {
              try {
                Files.createDirectories(inTheWay.resolve("x"));
              } catch (IOException failure) {
                throw new IllegalStateException(failure);
              }
            });
    assertThrows(InvalidInputException.class, () -> runner.run(plan.replicas(), 1));
    assertEquals(
        List.of(Ending.DONE, Ending.DONE, Ending.FAILED, Ending.STOPPED), recorder.endings());
    assertEquals(10, missing().size());
  }

  @Test
  void whatAnotherProcessWorksOnIsDroppedFromTheStack() {
    Replica second = plan.replicas().get(1);
    runner(1, index -> {}).run(plan.replicas().subList(0, 1), 1); // and the first is done
    recorder.ended.clear();
    recorder.started.clear();
    stacks.clear();
    Claim claim = run.replica(second.folder()).claim();
    assertNotNull(claim);
    try (claim) {
      runner(MOST, index -> {}).run(plan.replicas(), 1);
    }
    assertEquals(List.of(2, 4, 2, 2), sizes());
    assertEquals(2, Collections.frequency(recorder.endings(), Ending.ELSEWHERE));
    assertFalse(recorder.started.contains(second));
    assertEquals(List.of(second), missing());
  }

  @Test
  void dataOfAnotherSizeThanPlannedTrainApart() {
    SplitSource whole = data;
    data =
        (options, seed) -> {
          Split split = whole.load(options, seed);
          int[] fewer = new int[split.train().count() - (seed == 2 ? 8 : 0)];
          Arrays.setAll(fewer, i -> i);
          return new Split(
              split.train().select(fewer), split.validation(), split.test(), split.hash());
        };
    runner(MOST, index -> {}).run(plan.replicas(), 1);
    assertEquals(List.of(2, 2, 2, 2, 1, 1, 1, 1), sizes());
    assertEquals(0, missing().size());
    assertArrayEquals(
        new int[] {1, 1}, stacks.getFirst().stream().mapToInt(task -> (int) task.seed()).toArray());
  }
}
