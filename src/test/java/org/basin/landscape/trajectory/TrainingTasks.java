package org.basin.landscape.trajectory;

import java.util.List;
import java.util.SplittableRandom;
import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.Parameterization;
import org.basin.train.BatchSize;
import org.basin.train.ClippingOptions;
import org.basin.train.LossFunction;
import org.basin.train.OptimizerKind;
import org.basin.train.OptimizerOptions;
import org.basin.train.ScheduleOptions;
import org.basin.train.StoppingOptions;
import org.basin.train.TrainingOptions;
import org.basin.train.TrainingTask;

/** A replica whose every part a test may change: random labels of two classes, full batches. */
final class TrainingTasks {
  int inputs = 10;
  List<Integer> hidden = List.of(32, 32);
  Activation activation = Activation.TANH;
  boolean batchNorm;
  Parameterization parameterization = Parameterization.STANDARD;
  LossFunction loss = LossFunction.MSE;
  int examples = 100;
  long dataSeed = 5;
  int epochs = 1000;
  BatchSize batchSize = BatchSize.FULL;
  double labelSmoothing;
  OptimizerKind optimizer = OptimizerKind.SGD;
  double learningRate = 0.1;
  double momentum = 0.9;
  double beta2 = 0.999;
  double weightDecay;
  double l2;
  ScheduleOptions schedule = ScheduleOptions.DEFAULTS;
  ClippingOptions clipping = ClippingOptions.DEFAULTS;

  MlpSpec spec() {
    return new MlpSpec(
        inputs, hidden, 2, activation, true, batchNorm, Initialization.LECUN, parameterization, 16);
  }

  Examples data() {
    SplittableRandom random = new SplittableRandom(dataSeed);
    float[] values = new float[examples * inputs];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new Examples(values, random.ints(examples, 0, 2).toArray(), inputs, 2);
  }

  OptimizerOptions optimizer() {
    return new OptimizerOptions(
        optimizer, learningRate, momentum, 0.9, beta2, 1e-8, weightDecay, l2);
  }

  /** The replica as it stands. */
  TrainingTask task() {
    TrainingOptions options =
        new TrainingOptions(
            loss,
            epochs,
            batchSize,
            10_000_000,
            labelSmoothing,
            optimizer(),
            schedule,
            clipping,
            StoppingOptions.DEFAULTS);
    Examples none = new Examples(new float[0], new int[0], inputs, 2);
    return new TrainingTask(spec(), options, new Split(data(), none, none, "random"), 1);
  }
}
