package org.basin.engine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.basin.data.Examples;
import org.basin.data.Split;
import org.basin.engine.reference.ReferenceNetwork;
import org.basin.engine.reference.ReferenceObjective;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.BatchSize;
import org.basin.train.ClippingOptions;
import org.basin.train.LossFunction;
import org.basin.train.Objective;
import org.basin.train.ObjectiveEngine;
import org.basin.train.ObjectiveOptions;
import org.basin.train.OptimizerKind;
import org.basin.train.OptimizerOptions;
import org.basin.train.ScheduleOptions;
import org.basin.train.StoppingOptions;
import org.basin.train.TrainingEngine;
import org.basin.train.TrainingLoop;
import org.basin.train.TrainingOptions;
import org.basin.train.TrainingProgress;
import org.basin.train.TrainingTask;

/**
 * How far an engine is from the plain double-precision network, on small networks of every
 * activation, loss and batch-norm policy, and on trainings by every optimiser: what a researcher
 * runs before trusting a machine.
 */
public final class EngineParity {
  /** Relative, of float32 passes through three layers; the contract tests hold engines to it. */
  private static final double ALLOWED = 2e-5;

  /** Of a parameter after {@value #EPOCHS} epochs of 4 steps, relative to 1 + |θ_i|. */
  private static final double ALLOWED_AFTER_TRAINING = 5e-5;

  private static final int EPOCHS = 20;
  private static final int EXAMPLES = 64;
  private static final int VECTORS = 3;

  private EngineParity() {}

  /**
   * The worst deviation of one quantity.
   *
   * @param quantity what was compared
   * @param worst relative deviation, over all cases
   * @param allowed up to which it is rounding
   * @param cases that were compared
   */
  public record Deviation(String quantity, double worst, double allowed, int cases) {
    /** Whether it is rounding alone; a NaN is not. */
    public boolean holds() {
      return worst <= allowed;
    }
  }

  /** Loss, gradient and products of {@code engine}, each over all cases. */
  public static List<Deviation> ofObjectives(ObjectiveEngine engine) {
    SplittableRandom random = new SplittableRandom(1);
    Map<String, Double> worst = new LinkedHashMap<>();
    int cases = 0;
    for (Activation activation : Activation.values()) {
      for (LossFunction loss : LossFunction.values()) {
        for (boolean batchNorm : new boolean[] {false, true}) {
          for (BatchNormPolicy policy : BatchNormPolicy.values()) {
            if (batchNorm || policy == BatchNormPolicy.FROZEN) {
              MlpSpec spec = spec(activation, true, batchNorm);
              ObjectiveOptions options = new ObjectiveOptions(loss, 0.1, 0.05, policy);
              compare(spec, options, engine, random.split(), worst);
              cases++;
            }
          }
        }
      }
    }
    List<Deviation> deviations = new ArrayList<>();
    for (Map.Entry<String, Double> each : worst.entrySet()) {
      deviations.add(new Deviation(each.getKey(), each.getValue(), ALLOWED, cases));
    }
    return deviations;
  }

  private static MlpSpec spec(Activation activation, boolean bias, boolean batchNorm) {
    return new MlpSpec(
        6,
        List.of(9, 7),
        4,
        activation,
        bias,
        batchNorm,
        Initialization.PYTORCH,
        Parameterization.STANDARD,
        8);
  }

  private static Examples examples(SplittableRandom random) {
    float[] inputs = new float[EXAMPLES * 6];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = (float) random.nextGaussian();
    }
    return new Examples(inputs, random.ints(EXAMPLES, 0, 4).toArray(), 6, 4);
  }

  private static void compare(
      MlpSpec spec,
      ObjectiveOptions options,
      ObjectiveEngine engine,
      SplittableRandom random,
      Map<String, Double> worst) {
    Examples data = examples(random);
    NetworkState state = Initialization.draw(spec, random);
    int statistics = new ParameterLayout(spec).statisticsSize();
    for (int i = 0; i < statistics; i++) {
      state.runningMean()[i] = (float) (0.3 * random.nextGaussian());
      state.runningVariance()[i] = (float) (0.5 + random.nextDouble());
    }
    float[] theta = state.parameters();
    int size = theta.length;
    float[] vectors = new float[VECTORS * size];
    for (int i = 0; i < vectors.length; i++) {
      vectors[i] = (float) random.nextGaussian();
    }
    try (Objective tested = engine.objective(spec, options, data, state);
        Objective reference = new ReferenceObjective(spec, options, data, state)) {
      float[] expected = new float[vectors.length];
      float[] actual = new float[vectors.length];
      double expectedLoss = reference.gradient(theta, expected);
      double off = Math.abs(tested.gradient(theta, actual) - expectedLoss) / expectedLoss;
      worst.merge("loss", off, Math::max);
      put(worst, "gradient", expected, actual, 0, size);
      reference.hessianVectors(theta, vectors, VECTORS, expected);
      tested.hessianVectors(theta, vectors, VECTORS, actual);
      for (int v = 0; v < VECTORS; v++) {
        put(worst, "Hessian-vector product", expected, actual, v * size, size);
      }
      reference.gaussNewtonVectors(theta, vectors, VECTORS, expected);
      tested.gaussNewtonVectors(theta, vectors, VECTORS, actual);
      for (int v = 0; v < VECTORS; v++) {
        put(worst, "Gauss-Newton-vector product", expected, actual, v * size, size);
      }
    }
  }

  /** Keeps the larger of what was and ‖actual − expected‖ / ‖expected‖. */
  private static void put(
      Map<String, Double> worst,
      String quantity,
      float[] expected,
      float[] actual,
      int from,
      int count) {
    double difference = 0;
    double norm = 0;
    for (int i = from; i < from + count; i++) {
      difference += ((double) actual[i] - expected[i]) * ((double) actual[i] - expected[i]);
      norm += (double) expected[i] * expected[i];
    }
    worst.merge(quantity, Math.sqrt(difference / norm), Math::max);
  }

  /**
   * Parameters after trainings of {@code engine} by every optimiser, with and without batch norm.
   *
   * @throws InterruptedException when the thread was interrupted
   */
  public static List<Deviation> ofTraining(TrainingEngine engine) throws InterruptedException {
    List<Deviation> deviations = new ArrayList<>();
    for (OptimizerKind kind : OptimizerKind.values()) {
      double worst = 0;
      int cases = 0;
      for (boolean batchNorm : new boolean[] {false, true}) {
        TrainingTask task = task(kind, batchNorm);
        float[] actual =
            engine.train(List.of(task), TrainingProgress.NONE).getFirst().state().parameters();
        float[] expected;
        try (ReferenceNetwork reference = new ReferenceNetwork(task)) {
          expected = TrainingLoop.run(task, reference, TrainingProgress.NONE).state().parameters();
        }
        for (int i = 0; i < actual.length; i++) {
          double deviation = Math.abs(actual[i] - expected[i]) / (1.0 + Math.abs(expected[i]));
          worst = Math.max(worst, deviation);
        }
        cases++;
      }
      String name = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
      deviations.add(new Deviation("training by " + name, worst, ALLOWED_AFTER_TRAINING, cases));
    }
    return deviations;
  }

  private static TrainingTask task(OptimizerKind kind, boolean batchNorm) {
    Examples train = examples(new SplittableRandom(2));
    Examples none = train.select(new int[0]);
    OptimizerOptions optimizer =
        new OptimizerOptions(
            kind, kind.adaptive() ? 0.003 : 0.02, 0.9, 0.9, 0.999, 1e-8, null, 0.01);
    TrainingOptions options =
        new TrainingOptions(
            LossFunction.CROSS_ENTROPY,
            EPOCHS,
            new BatchSize(16),
            EPOCHS,
            0.1,
            optimizer,
            ScheduleOptions.DEFAULTS,
            ClippingOptions.DEFAULTS,
            StoppingOptions.DEFAULTS);
    // No kinks: at one, float32 and double may go different ways. No bias before normalisation,
    // which
    // cancels its gradient: Adam would magnify the rounding left.
    return new TrainingTask(
        spec(Activation.TANH, !batchNorm, batchNorm), options, new Split(train, none, none, ""), 3);
  }
}
