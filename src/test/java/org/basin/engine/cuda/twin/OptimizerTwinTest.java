package org.basin.engine.cuda.twin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.basin.engine.cuda.twin.OptimizerTwin.Hyperparameters;
import org.basin.engine.cuda.twin.OptimizerTwin.Tile;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.basin.model.Parameterization;
import org.basin.train.ClippingOptions;
import org.basin.train.GradientClipping;
import org.basin.train.OptimizerKind;
import org.basin.train.OptimizerOptions;
import org.basin.train.PlainOptimizer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the optimisers in double precision, several steps one after the other. */
class OptimizerTwinTest {
  private static final int REPLICAS = 2;
  private static final int STEPS = 6;

  private static final MlpSpec SPEC =
      new MlpSpec(
          3,
          List.of(5, 4),
          2,
          Activation.RELU,
          true,
          true,
          Initialization.HE,
          Parameterization.MUP,
          2);

  /** A tile for every range with a multiplier of its own, cut in two where it can be. */
  private static List<Tile> tiles(boolean adaptive) {
    ParameterLayout layout = new ParameterLayout(SPEC);
    Parameterization rates = SPEC.parameterization();
    List<Tile> tiles = new ArrayList<>();
    for (int l = 0; l < SPEC.layers(); l++) {
      int out = SPEC.fanOut(l);
      float weightRate = (float) rates.weightRate(SPEC, l, adaptive);
      float vectorRate = (float) rates.vectorRate(SPEC, l, adaptive);
      int middle = layout.weight(l) + out;
      tiles.add(new Tile(layout.weight(l), middle, weightRate, true));
      tiles.add(new Tile(middle, layout.weight(l) + SPEC.fanIn(l) * out, weightRate, true));
      tiles.add(new Tile(layout.bias(l), layout.bias(l) + out, vectorRate, false));
      if (SPEC.normalized(l)) {
        tiles.add(new Tile(layout.gamma(l), layout.gamma(l) + 2 * out, vectorRate, false));
      }
    }
    return tiles;
  }

  static Hyperparameters hyperparameters(OptimizerOptions o, ClippingOptions clipping) {
    Double elementwise = clipping.elementwise();
    Double globalNorm = clipping.globalNorm();
    return new Hyperparameters(
        (float) o.momentum(),
        (float) o.beta1(),
        (float) o.beta2(),
        (float) o.epsilon(),
        (float) o.l2(),
        (float) o.decay(),
        elementwise == null ? Float.POSITIVE_INFINITY : elementwise.floatValue(),
        globalNorm == null ? Float.POSITIVE_INFINITY : globalNorm.floatValue());
  }

  static int code(OptimizerKind kind) {
    return switch (kind) {
      case SGD -> OptimizerTwin.SGD;
      case HEAVY_BALL -> OptimizerTwin.HEAVY_BALL;
      case NESTEROV -> OptimizerTwin.NESTEROV;
      case ADAM, ADAMW -> OptimizerTwin.ADAM;
    };
  }

  private static ClippingOptions clipping(int r) {
    return r == 0 ? new ClippingOptions(1.5, 0.8) : ClippingOptions.DEFAULTS;
  }

  @ParameterizedTest
  @EnumSource(OptimizerKind.class)
  void stepsAreThoseInDoublePrecision(OptimizerKind kind) {
    int size = new ParameterLayout(SPEC).size();
    int stride = size + 3;
    List<OptimizerOptions> options =
        List.of(
            // Constants that floats hold exactly: 1 - beta2 is computed in single precision.
            new OptimizerOptions(kind, 0.25, 0.875, 0.875, 0.984375, 1e-6, 0.125, 0.0625),
            new OptimizerOptions(kind, 0.5, 0.5, 0.5, 0.9375, 1e-3, null, 0));
    List<Hyperparameters> hyper =
        List.of(
            hyperparameters(options.get(0), clipping(0)),
            hyperparameters(options.get(1), clipping(1)));
    Random random = new Random(5);
    float[] theta = new float[REPLICAS * stride];
    float[] first = new float[theta.length];
    float[] second = new float[theta.length];
    double[] norms = new double[REPLICAS * OptimizerTwin.PARTS * 2];
    float[] rates = new float[REPLICAS * STEPS * 2];
    double[][] plain = new double[REPLICAS][size];
    PlainOptimizer[] optimizers = new PlainOptimizer[REPLICAS];
    for (int r = 0; r < REPLICAS; r++) {
      OptimizerOptions of = options.get(r);
      optimizers[r] = new PlainOptimizer(SPEC, of);
      for (int i = 0; i < size; i++) {
        theta[r * stride + i] = (float) random.nextGaussian();
        plain[r][i] = theta[r * stride + i];
      }
      for (int step = 0; step < STEPS; step++) {
        double rate = of.learningRate() / (1 + step);
        double correction =
            Math.sqrt(1 - Math.pow(of.beta2(), step + 1)) / (1 - Math.pow(of.beta1(), step + 1));
        rates[2 * (r * STEPS + step)] = (float) rate;
        rates[2 * (r * STEPS + step) + 1] = (float) (rate * correction);
      }
    }
    for (int step = 0; step < STEPS; step++) {
      float[] gradient = new float[theta.length];
      for (int r = 0; r < REPLICAS; r++) {
        double[] exact = new double[size];
        for (int i = 0; i < size; i++) {
          gradient[r * stride + i] = (float) random.nextGaussian();
          exact[i] = gradient[r * stride + i];
        }
        new GradientClipping(clipping(r)).clip(exact);
        optimizers[r].update(plain[r], exact, options.get(r).learningRate() / (1 + step));
      }
      OptimizerTwin.gradientNorms(gradient, norms, hyper, size, stride);
      OptimizerTwin.optimize(
          theta,
          gradient,
          first,
          second,
          hyper,
          tiles(kind.adaptive()),
          rates,
          norms,
          code(kind),
          STEPS,
          step,
          stride);
    }
    for (int r = 0; r < REPLICAS; r++) {
      for (int i = 0; i < size; i++) {
        assertEquals(plain[r][i], theta[r * stride + i], 2e-5);
      }
      for (int i = size; i < stride; i++) {
        assertEquals(0, theta[r * stride + i]);
      }
    }
  }

  private static double sum(double[] norms, int r, int which) {
    double sum = 0;
    for (int part = 0; part < OptimizerTwin.PARTS; part++) {
      sum += norms[2 * (r * OptimizerTwin.PARTS + part) + which];
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 255, 257, 8192, 20001})
  void normsAreThoseOfTheGradient(int size) {
    Random random = new Random(size);
    float[] gradient = new float[2 * (size + 1)];
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = (float) random.nextGaussian();
    }
    gradient[size] = Float.NaN; // behind the first replica's
    Hyperparameters bounded = hyperparameters(OptimizerOptions.DEFAULTS, clipping(0));
    double[] norms = new double[2 * 2 * OptimizerTwin.PARTS];
    OptimizerTwin.gradientNorms(gradient, norms, List.of(bounded, bounded), size, size + 1);
    for (int r = 0; r < 2; r++) {
      float[] own = Arrays.copyOfRange(gradient, r * (size + 1), r * (size + 1) + size);
      assertEquals(GradientClipping.norm(own), Math.sqrt(sum(norms, r, 0)), 1e-12 * size);
      new GradientClipping(new ClippingOptions(null, 0.8)).clip(own);
      assertEquals(GradientClipping.norm(own), Math.sqrt(sum(norms, r, 1)), 1e-12 * size);
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void divergenceIsNotHidden(float wrong) {
    float[] theta = {1, 1, 1};
    float[] gradient = {0.5f, wrong, 0.5f};
    double[] norms = new double[2 * OptimizerTwin.PARTS];
    List<Hyperparameters> hyper =
        List.of(hyperparameters(OptimizerOptions.DEFAULTS, new ClippingOptions(1.0, null)));
    OptimizerTwin.gradientNorms(gradient, norms, hyper, 3, 3);
    OptimizerTwin.optimize(
        theta,
        gradient,
        null,
        null,
        hyper,
        List.of(new Tile(0, 3, 1, true)),
        new float[] {0.5f, 0.5f},
        norms,
        OptimizerTwin.SGD,
        1,
        0,
        3);
    assertEquals(Float.NaN, theta[1]);
    assertFalse(Double.isFinite(sum(norms, 0, 0)));
  }
}
