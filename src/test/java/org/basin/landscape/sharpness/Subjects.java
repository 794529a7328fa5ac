package org.basin.landscape.sharpness;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import java.util.function.ToDoubleFunction;
import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.engine.EngineRegistry;
import org.basin.engine.ObjectiveCase;
import org.basin.landscape.Probe;
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
import org.basin.train.EngineDescription;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.TrainingOptions;

/** What the probes of this room are tried on. */
final class Subjects {
  static final ObjectiveOptions MSE =
      new ObjectiveOptions(LossFunction.MSE, 0, 0, BatchNormPolicy.FROZEN);
  static final ObjectiveOptions CROSS_ENTROPY =
      new ObjectiveOptions(LossFunction.CROSS_ENTROPY, 0, 0, BatchNormPolicy.FROZEN);

  // Open as long as the tests run.
  private static final ObjectiveEngine ENGINE = EngineRegistry.standard().openObjectives("auto", 1);

  private Subjects() {}

  /** A network at a random point with random examples. */
  static ObjectiveCase network(
      int inputs, List<Integer> hidden, int outputs, ObjectiveOptions options, int examples) {
    MlpSpec spec =
        new MlpSpec(
            inputs,
            hidden,
            outputs,
            Activation.RELU,
            true,
            false,
            Initialization.PYTORCH,
            Parameterization.STANDARD,
            8);
    return ObjectiveCase.of(spec, options, examples, new SplittableRandom(7));
  }

  /** {@code c} at other parameters. */
  static ObjectiveCase at(ObjectiveCase c, float[] theta) {
    return new ObjectiveCase(c.spec(), c.options(), c.data(), c.statistics(), theta);
  }

  /** What {@code probe} says of {@code c} on the engine that is there. */
  static Measurement measure(Probe probe, ObjectiveCase c, long seed) throws InterruptedException {
    return probe.measure(subject(c, ENGINE), new SplittableRandom(seed));
  }

  /** What {@code probe} says of a loss that is written down, at θ. */
  static Measurement measure(Probe probe, ToDoubleFunction<double[]> loss, float... theta)
      throws InterruptedException {
    ObjectiveCase c = at(network(1, List.of(), 2, CROSS_ENTROPY, 4), theta);
    try (ObjectiveEngine engine = new Written(loss, theta.length)) {
      return probe.measure(subject(c, engine), new SplittableRandom(1));
    }
  }

  private static Subject subject(ObjectiveCase c, ObjectiveEngine engine) {
    NetworkState state =
        new NetworkState(c.theta(), c.statistics().runningMean(), c.statistics().runningVariance());
    return new Subject(
        c.spec(),
        TrainingOptions.DEFAULTS,
        state,
        c.theta(),
        c.data(),
        new Split(c.data(), c.data().select(new int[0]), c.data(), ""),
        c.options(),
        engine,
        null,
        new NoRetraining(),
        null);
  }

  /** The scalar {@code name}. */
  static Uncertain scalar(Measurement measurement, String name) {
    Uncertain value = measurement.scalars().get(name);
    if (value == null) {
      throw new AssertionError("no " + name + " in " + measurement.scalars().keySet());
    }
    return value;
  }

  /** The column of a table. */
  static double[] column(Measurement measurement, String table, String column) {
    return measurement.tables().stream()
        .filter(each -> each.name().equals(table))
        .findFirst()
        .orElseThrow()
        .column(column);
  }

  private static final class NoRetraining implements Retraining {
    @Override
    public long seed() {
      return 1;
    }

    @Override
    public long steps() {
      throw new AssertionError("nothing is trained here");
    }

    @Override
    public void run(LongUnaryOperator next, Look look) {
      throw new AssertionError("nothing is trained here");
    }
  }

  /** A loss that is written down, its derivatives by differences in double precision. */
  private record Written(ToDoubleFunction<double[]> function, int size)
      implements ObjectiveEngine, Objective {
    private static final double STEP = 1e-4;

    private double[] widen(float[] theta) {
      double[] at = new double[size];
      Arrays.setAll(at, i -> theta[i]);
      return at;
    }

    @Override
    public double loss(float[] theta) {
      return function.applyAsDouble(widen(theta));
    }

    private double slope(double[] at, int i) {
      double[] above = at.clone();
      double[] below = at.clone();
      above[i] += STEP;
      below[i] -= STEP;
      return (function.applyAsDouble(above) - function.applyAsDouble(below)) / (2 * STEP);
    }

    @Override
    public double gradient(float[] theta, float[] gradient) {
      for (int i = 0; i < size; i++) {
        gradient[i] = (float) slope(widen(theta), i);
      }
      return loss(theta);
    }

    @Override
    public void hessianVectors(float[] theta, float[] vectors, int count, float[] products) {
      for (int v = 0; v < count; v++) {
        double[] above = widen(theta);
        double[] below = widen(theta);
        for (int i = 0; i < size; i++) {
          above[i] += STEP * vectors[v * size + i];
          below[i] -= STEP * vectors[v * size + i];
        }
        for (int i = 0; i < size; i++) {
          products[v * size + i] = (float) ((slope(above, i) - slope(below, i)) / (2 * STEP));
        }
      }
    }

    @Override
    public void gaussNewtonVectors(float[] theta, float[] vectors, int count, float[] products) {
      throw new AssertionError("has no outputs");
    }

    @Override
    public float[] outputs(float[] theta) {
      throw new AssertionError("has no outputs");
    }

    @Override
    public int examples() {
      return 4;
    }

    @Override
    public EngineDescription description() {
      throw new AssertionError("computes nothing");
    }

    @Override
    public Objective objective(
        MlpSpec spec, ObjectiveOptions options, Examples data, NetworkState statistics) {
      return this;
    }

    @Override
    public void close() {
      // Nothing to give back.
    }
  }
}
