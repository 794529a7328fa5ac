package org.basin.engine;

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
public final class Replicas {
  public int inputs = 4;
  public List<Integer> hidden = List.of(7, 5);
  public Activation activation = Activation.TANH;
  public boolean bias = true;
  public boolean batchNorm;
  public Parameterization parameterization = Parameterization.STANDARD;
  public LossFunction loss = LossFunction.CROSS_ENTROPY;
  public int epochs = 10;
  public BatchSize batchSize = new BatchSize(12);
  public int evaluateEvery = 1;
  public double labelSmoothing;
  public OptimizerKind optimizer = OptimizerKind.SGD;
  public double learningRate = 0.1;
  public Double weightDecay = 0.0;
  public double l2;
  public ScheduleOptions schedule = ScheduleOptions.DEFAULTS;
  public ClippingOptions clipping = ClippingOptions.DEFAULTS;
  public StoppingOptions stopping = StoppingOptions.DEFAULTS;
  public long seed = 3;

  /** The replica as it stands. */
  public TrainingTask task() {
    MlpSpec spec =
        new MlpSpec(
            inputs,
            hidden,
            3,
            activation,
            bias,
            batchNorm,
            Initialization.PYTORCH,
            parameterization,
            4);
    TrainingOptions options =
        new TrainingOptions(
            loss,
            epochs,
            batchSize,
            evaluateEvery,
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

  /** Three overlapping Gaussian clouds in as many dimensions as there are inputs. */
  private Examples examples(int count, SplittableRandom random) {
    float[] values = new float[count * inputs];
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i % 3;
      for (int j = 0; j < inputs; j++) {
        values[i * inputs + j] = (float) (random.nextGaussian() + (j == labels[i] ? 1.5 : 0));
      }
    }
    return new Examples(values, labels, inputs, 3);
  }
}
