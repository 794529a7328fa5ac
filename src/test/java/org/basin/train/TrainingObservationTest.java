package org.basin.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.basin.RandomStreams;
import org.basin.engine.EngineRegistry;
import org.basin.engine.Replicas;
import org.basin.engine.reference.ReferenceNetwork;
import org.basin.model.Initialization;
import org.basin.model.NetworkState;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Networks that are looked at while they train. */
class TrainingObservationTest {
  private static final int STEPS = 30; // ten epochs of three, the last of six examples

  enum Trainer {
    CPU {
      @Override
      TrainingOutcome train(TrainingTask task, TrainingProgress progress)
          throws InterruptedException {
        try (TrainingEngine engine = EngineRegistry.standard().open("cpu")) {
          return engine.train(List.of(task), progress).getFirst();
        }
      }
    },
    REFERENCE {
      @Override
      TrainingOutcome train(TrainingTask task, TrainingProgress progress)
          throws InterruptedException {
        try (ReferenceNetwork network = new ReferenceNetwork(task)) {
          return TrainingLoop.run(task, network, progress);
        }
      }
    };

    abstract TrainingOutcome train(TrainingTask task, TrainingProgress progress)
        throws InterruptedException;
  }

  private static final class Observer implements TrainingProgress {
    private final LongUnaryOperator next;
    private final List<TrainingSnapshot> seen = new ArrayList<>();
    private long told;

    Observer(LongUnaryOperator next) {
      this.next = next;
    }

    static Observer every(long steps) {
      return new Observer(step -> Math.ceilDiv(step, steps) * steps);
    }

    long[] steps() {
      return seen.stream().mapToLong(TrainingSnapshot::step).toArray();
    }

    @Override
    public void stepsDone(long steps) {
      told += steps;
    }

    @Override
    public long nextSnapshot(long step) {
      return next.applyAsLong(step);
    }

    @Override
    public void snapshot(TrainingTask task, TrainingSnapshot snapshot) {
      float[] moment = snapshot.secondMoment();
      seen.add(
          new TrainingSnapshot(
              snapshot.step(),
              snapshot.learningRate(),
              snapshot.state().copy(),
              moment == null ? null : moment.clone()));
      // What is shown is a copy: spoiling it does no harm.
      Arrays.fill(snapshot.state().parameters(), Float.NaN);
      Arrays.fill(snapshot.state().runningMean(), Float.NaN);
      Arrays.fill(snapshot.state().runningVariance(), Float.NaN);
      if (moment != null) {
        Arrays.fill(moment, Float.NaN);
      }
    }
  }

  private static TrainingTask task(OptimizerKind optimizer) {
    Replicas replicas = new Replicas();
    replicas.optimizer = optimizer;
    replicas.learningRate = 0.05;
    replicas.batchNorm = true;
    return replicas.task();
  }

  private static void assertSameNumbers(NetworkState expected, NetworkState actual) {
    assertArrayEquals(expected.parameters(), actual.parameters());
    assertArrayEquals(expected.runningMean(), actual.runningMean());
    assertArrayEquals(expected.runningVariance(), actual.runningVariance());
  }

  @ParameterizedTest
  @EnumSource(Trainer.class)
  void lookingChangesNoBitOfWhatIsTrained(Trainer trainer) throws InterruptedException {
    for (OptimizerKind optimizer : OptimizerKind.values()) {
      TrainingTask task = task(optimizer);
      final TrainingOutcome unseen = trainer.train(task, TrainingProgress.NONE);
      for (long every : new long[] {1, 2, 5, 7, 100}) {
        Observer observer = Observer.every(every);
        TrainingOutcome seen = trainer.train(task, observer);
        assertSameNumbers(unseen.state(), seen.state());
        assertEquals(unseen.trainObjective(), seen.trainObjective());
        for (int i = 0; i < unseen.history().size(); i++) {
          HistoryRow expected = unseen.history().get(i);
          HistoryRow actual = seen.history().get(i);
          assertEquals(expected.trainLoss(), actual.trainLoss());
          assertEquals(expected.testLoss(), actual.testLoss());
          assertEquals(expected.gradientNorm(), actual.gradientNorm());
        }
        assertEquals(STEPS, observer.told);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Trainer.class)
  void looksComeAtTheStepsAskedForFromTheFirstToTheLast(Trainer trainer)
      throws InterruptedException {
    TrainingTask task = task(OptimizerKind.HEAVY_BALL);
    Observer every = Observer.every(5);
    TrainingOutcome outcome = trainer.train(task, every);
    assertArrayEquals(new long[] {0, 5, 10, 15, 20, 25, 30}, every.steps());
    assertSameNumbers(
        Initialization.draw(task.spec(), RandomStreams.of(task.seed()).initialization()),
        every.seen.getFirst().state());
    assertSameNumbers(outcome.state(), every.seen.getLast().state());

    long[] asked = {0, 1, 2, 3, 11, 29, 30};
    Observer chosen =
        new Observer(
            step -> Arrays.stream(asked).filter(at -> at >= step).findFirst().orElse(1_000_000));
    trainer.train(task, chosen);
    assertArrayEquals(asked, chosen.steps());

    Observer never = new Observer(step -> Long.MAX_VALUE);
    trainer.train(task, never);
    assertTrue(never.seen.isEmpty());
  }

  /** The network at step s of a training is the one that a training of s steps ends with. */
  @ParameterizedTest
  @EnumSource(Trainer.class)
  void whatIsSeenIsTheNetworkOfThatStep(Trainer trainer) throws InterruptedException {
    Observer observer = Observer.every(6);
    trainer.train(task(OptimizerKind.NESTEROV), observer);
    Replicas shorter = new Replicas();
    shorter.optimizer = OptimizerKind.NESTEROV;
    shorter.learningRate = 0.05;
    shorter.batchNorm = true;
    shorter.epochs = 4;
    TrainingOutcome outcome = trainer.train(shorter.task(), TrainingProgress.NONE);
    assertSameNumbers(outcome.state(), observer.seen.get(2).state());
  }

  @ParameterizedTest
  @EnumSource(Trainer.class)
  void theRateIsTheNextStepsAndAfterTheEndTheLastOnes(Trainer trainer) throws InterruptedException {
    Replicas replicas = new Replicas();
    replicas.schedule = new ScheduleOptions(ScheduleKind.COSINE, 4, 0.02, null, 0.1, 0.0);
    TrainingTask task = replicas.task();
    LearningRateSchedule schedule = TrainingLoop.schedule(task);
    Observer observer = Observer.every(1);
    trainer.train(task, observer);
    for (TrainingSnapshot snapshot : observer.seen) {
      double expected = schedule.at(Math.min(snapshot.step(), STEPS - 1));
      assertEquals(expected, snapshot.learningRate(), 0);
    }
    assertEquals(0.02, observer.seen.getFirst().learningRate(), 0);
    assertTrue(observer.seen.getLast().learningRate() > 0, "a rate that a step was done with");
  }

  @ParameterizedTest
  @EnumSource(
      value = OptimizerKind.class,
      names = {"ADAM", "ADAMW"})
  void enginesAgreeOnTheSecondMoment(OptimizerKind optimizer) throws InterruptedException {
    Replicas replicas = new Replicas();
    replicas.optimizer = optimizer;
    replicas.learningRate = 0.01;
    replicas.l2 = 0.1;
    TrainingTask task = replicas.task();
    Observer cpu = Observer.every(10);
    Observer reference = Observer.every(10);
    Trainer.CPU.train(task, cpu);
    Trainer.REFERENCE.train(task, reference);
    for (int s = 0; s < 4; s++) {
      float[] expected = reference.seen.get(s).secondMoment();
      float[] actual = cpu.seen.get(s).secondMoment();
      assertNotNull(expected);
      assertNotNull(actual);
      double largest = 0;
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], actual[i], 1e-4 * expected[i] + 1e-9, "element " + i);
        largest = Math.max(largest, expected[i]);
      }
      assertEquals(s > 0, largest > 0, "zero before the first step, and not after");
    }
  }

  @ParameterizedTest
  @EnumSource(Trainer.class)
  void optimisersWithoutASecondMomentHaveNone(Trainer trainer) throws InterruptedException {
    for (OptimizerKind optimizer :
        List.of(OptimizerKind.SGD, OptimizerKind.HEAVY_BALL, OptimizerKind.NESTEROV)) {
      Observer observer = Observer.every(15);
      trainer.train(task(optimizer), observer);
      observer.seen.forEach(snapshot -> assertNull(snapshot.secondMoment()));
    }
  }
}
