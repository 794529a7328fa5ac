package org.basin.engine.dl4j;

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

/** A small replica whose every part a test may change; what it does not change is the plainest. */
final class Replicas {
  List<Integer> hidden = List.of(7, 5);
  Activation activation = Activation.TANH;
  boolean bias = true;
  boolean batchNorm;
  Parameterization parameterization = Parameterization.STANDARD;
  LossFunction loss = LossFunction.CROSS_ENTROPY;
  int epochs = 10;
  BatchSize batchSize = new BatchSize(12);
  double labelSmoothing;
  OptimizerKind optimizer = OptimizerKind.SGD;
  double learningRate = 0.1;
  Double weightDecay = 0.0;
  double l2;
  ScheduleOptions schedule = ScheduleOptions.DEFAULTS;
  ClippingOptions clipping = ClippingOptions.DEFAULTS;
  StoppingOptions stopping = StoppingOptions.DEFAULTS;
  long seed = 3;

  TrainingTask task() {
    MlpSpec spec =
        new MlpSpec(
            4, hidden, 3, activation, bias, batchNorm, Initialization.PYTORCH, parameterization, 4);
    TrainingOptions options =
        new TrainingOptions(
            loss,
            epochs,
            batchSize,
            1,
            labelSmoothing,
            new OptimizerOptions(optimizer, learningRate, 0.9, 0.9, 0.999, 1e-8, weightDecay, l2),
            schedule,
            clipping,
            stopping);
    SplittableRandom random = new SplittableRandom(11);
    Split data =
        new Split(examples(30, random), examples(20, random), examples(20, random), "none");
    return new TrainingTask(spec, options, data, seed);
  }

  /** Three overlapping Gaussian clouds in four dimensions. */
  private static Examples examples(int count, SplittableRandom random) {
    float[] inputs = new float[count * 4];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % 3;
      for (int j = 0; j < 4; j++) {
        inputs[i * 4 + j] = (float) (random.nextGaussian() + (j == labels[i] ? 1.5 : 0));
      }
    }
    return new Examples(inputs, labels, 4, 3);
  }
}
