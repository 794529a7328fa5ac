package org.basin.landscape.kernel;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.basin.data.Examples;
import org.basin.landscape.Onlooker;
import org.basin.landscape.Retraining;
import org.basin.train.BatchSize;
import org.basin.train.ClippingOptions;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;
import org.basin.train.OptimizerOptions;
import org.basin.train.ScheduleOptions;
import org.basin.train.StoppingOptions;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingOptions;
import org.basin.train.TrainingTask;

/** Data, and trainings on them, for the tests of kernels. */
final class Trainings {
  static final int FEATURES = 4;
  static final int CLASSES = 3;

  private Trainings() {}

  static Examples clouds(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] inputs = new float[count * FEATURES];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % CLASSES;
      for (int j = 0; j < FEATURES; j++) {
        inputs[i * FEATURES + j] = (float) (random.nextGaussian() + (j == labels[i] ? 1.5 : 0));
      }
    }
    return new Examples(inputs, labels, FEATURES, CLASSES);
  }

  /** Full-batch gradient descent on the squared loss. */
  static TrainingOptions descent(int steps, double rate) {
    return new TrainingOptions(
        LossFunction.MSE,
        steps,
        BatchSize.FULL,
        steps,
        0,
        new OptimizerOptions(OptimizerKind.SGD, rate, 0.9, 0.9, 0.999, 1e-8, null, 0),
        ScheduleOptions.DEFAULTS,
        ClippingOptions.DEFAULTS,
        StoppingOptions.DEFAULTS);
  }

  /** A training repeated on an engine. */
  record Repeated(TrainingEngine engine, TrainingTask task) implements Retraining {
    @Override
    public long seed() {
      return task.seed();
    }

    @Override
    public long steps() {
      return TrainingLoop.schedule(task).totalSteps();
    }

    @Override
    public void run(LongUnaryOperator next, Look look) throws InterruptedException {
      engine.train(List.of(task), new Onlooker(next, look));
    }
  }
}
