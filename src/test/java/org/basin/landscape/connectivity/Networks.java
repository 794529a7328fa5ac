package org.basin.landscape.connectivity;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.engine.EngineRegistry;
import org.basin.engine.ObjectiveCase;
import org.basin.landscape.Partner;
import org.basin.landscape.Retraining;
import org.basin.landscape.Subject;
import org.basin.linalg.Uncertain;
import org.basin.measurement.Measurement;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.TrainingOptions;

/** Pairs of networks that paths are tried between. */
final class Networks {
  // Open as long as the tests run.
  static final ObjectiveEngine ENGINE = EngineRegistry.standard().openObjectives("auto", 1);

  private Networks() {}

  static MlpSpec spec(
      int inputs, List<Integer> hidden, int outputs, Activation activation, boolean batchNorm) {
    return new MlpSpec(
        inputs,
        hidden,
        outputs,
        activation,
        true,
        batchNorm,
        Initialization.PYTORCH,
        Parameterization.STANDARD,
        8);
  }

  /** A random network with random examples. */
  static ObjectiveCase random(MlpSpec spec, ObjectiveOptions options, int examples, long seed) {
    return ObjectiveCase.of(spec, options, examples, new SplittableRandom(seed));
  }

  static NetworkState state(ObjectiveCase c) {
    return new NetworkState(
        c.theta(), c.statistics().runningMean(), c.statistics().runningVariance());
  }

  /** A random numbering. */
  static UnitPermutation permutation(MlpSpec spec, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    UnitPermutation permutation = UnitPermutation.identity(spec);
    for (int[] layer : permutation.units()) {
      for (int i = layer.length - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int swapped = layer[i];
        layer[i] = layer[j];
        layer[j] = swapped;
      }
    }
    return permutation;
  }

  /** What the probe says between two networks on examples. */
  static Measurement measure(
      MlpSpec spec,
      ObjectiveOptions objective,
      NetworkState first,
      NetworkState second,
      Examples train,
      Examples test,
      ConnectivityOptions options)
      throws InterruptedException {
    Subject subject =
        new Subject(
            spec,
            TrainingOptions.DEFAULTS,
            first,
            first.parameters(),
            train,
            new Split(train, train.select(new int[0]), test, ""),
            objective,
            ENGINE,
            null,
            new NoRetraining(),
            new Partner(2, second, second.parameters()));
    return ConnectivityProbe.measure(subject, options, new SplittableRandom(1));
  }

  static Uncertain scalar(Measurement measurement, String name) {
    Uncertain value = measurement.scalars().get(name);
    if (value == null) {
      throw new AssertionError("no " + name + " in " + measurement.scalars().keySet());
    }
    return value;
  }

  static double[] column(Measurement measurement, String column) {
    return measurement.tables().stream()
        .filter(each -> each.name().equals("path"))
        .findFirst()
        .orElseThrow()
        .column(column);
  }

  /**
   * Networks of one input and two hidden ReLU units without biases, which answer positive inputs
   * with class 0 and negative ones with class 1; the second has its units in the other order.
   */
  static final class Swapped {
    static final MlpSpec SPEC =
        new MlpSpec(
            1,
            List.of(2),
            2,
            Activation.RELU,
            false,
            false,
            Initialization.HE,
            Parameterization.STANDARD,
            8);
    static final ObjectiveOptions MSE =
        new ObjectiveOptions(LossFunction.MSE, 0, 0, BatchNormPolicy.FROZEN);
    static final Examples DATA = new Examples(new float[] {1, -1}, new int[] {0, 1}, 1, 2);
    static final NetworkState FIRST = state(1, -1, 1, 0, 0, 1);
    static final NetworkState SECOND = state(-1, 1, 0, 1, 1, 0);

    private Swapped() {}

    private static NetworkState state(float... theta) {
      return new NetworkState(theta, new float[0], new float[0]);
    }
  }

  private static final class NoRetraining implements Retraining {
    @Override
    public long seed() {
      throw new AssertionError("nothing is trained again here");
    }

    @Override
    public long steps() {
      throw new AssertionError("nothing is trained again here");
    }

    @Override
    public void run(LongUnaryOperator next, Look look) {
      throw new AssertionError("nothing is trained again here");
    }
  }
}
