package org.basin.landscape.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.basin.data.Examples;
import org.basin.engine.ObjectiveCase;
import org.basin.engine.reference.ReferenceJacobian;
import org.basin.linalg.DenseProduct;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.ObjectiveOptions;
import org.junit.jupiter.api.Test;

/** Kernels against closed forms and against J diag(r) Jᵀ, J being the reference's. */
class TangentKernelTest {
  private static final ObjectiveOptions PLAIN =
      new ObjectiveOptions(LossFunction.MSE, 0, 0, BatchNormPolicy.FROZEN);

  private static MlpSpec spec(
      int inputs,
      List<Integer> hidden,
      int outputs,
      Activation activation,
      boolean bias,
      boolean batchNorm,
      Parameterization parameterization) {
    return new MlpSpec(
        inputs,
        hidden,
        outputs,
        activation,
        bias,
        batchNorm,
        Initialization.PYTORCH,
        parameterization,
        4);
  }

  private static TangentKernel kernel(ObjectiveCase c, Examples data, KernelOutputs outputs)
      throws InterruptedException {
    return new LinearizedNetwork(c.spec(), c.theta(), c.statistics(), data).kernel(outputs);
  }

  /** r_p of every parameter, told apart from the layout. */
  private static double[] rates(MlpSpec spec) {
    ParameterLayout layout = new ParameterLayout(spec);
    double[] rates = new double[layout.size()];
    for (int l = 0; l < spec.layers(); l++) {
      double vector = spec.parameterization().vectorRate(spec, l, false);
      for (int i = 0; i < spec.fanIn(l) * spec.fanOut(l); i++) {
        rates[layout.weight(l) + i] = spec.parameterization().weightRate(spec, l, false);
      }
      for (int j = 0; j < spec.fanOut(l); j++) {
        if (spec.bias()) {
          rates[layout.bias(l) + j] = vector;
        }
        if (spec.normalized(l)) {
          rates[layout.gamma(l) + j] = vector;
          rates[layout.beta(l) + j] = vector;
        }
      }
    }
    return rates;
  }

  private static double[] contracted(double[][] jacobian, double[] rates) {
    int order = jacobian.length;
    double[] product = new double[order * order];
    for (int a = 0; a < order; a++) {
      for (int b = 0; b < order; b++) {
        for (int p = 0; p < rates.length; p++) {
          product[a * order + b] += rates[p] * jacobian[a][p] * jacobian[b][p];
        }
      }
    }
    return product;
  }

  private static void assertClose(double[] expected, double[] actual) {
    assertEquals(expected.length, actual.length);
    double scale = 0;
    for (double value : expected) {
      scale = Math.max(scale, Math.abs(value));
    }
    assertArrayEquals(expected, actual, 1e-13 * scale);
  }

  @Property(tries = 150, seed = "1")
  void theJacobianContractedWithItself(
      @ForAll Activation activation,
      @ForAll Parameterization parameterization,
      @ForAll boolean bias,
      @ForAll boolean batchNorm,
      @ForAll @IntRange(min = 0, max = 3) int depth,
      @ForAll @IntRange(min = 0, max = 1_000_000) int seed)
      throws InterruptedException {
    SplittableRandom random = new SplittableRandom(seed);
    List<Integer> hidden = random.ints(depth, 1, 9).boxed().toList();
    int classes = random.nextInt(1, 5);
    MlpSpec spec = spec(3, hidden, classes, activation, bias, batchNorm, parameterization);
    ObjectiveCase c = ObjectiveCase.of(spec, PLAIN, random.nextInt(1, 8), random);
    double[][] jacobian = ReferenceJacobian.of(spec, c.statistics(), c.data());
    TangentKernel whole = kernel(c, c.data(), KernelOutputs.ALL);
    assertEquals(classes, whole.block());
    assertClose(contracted(jacobian, rates(spec)), whole.values());
    TangentKernel traced = kernel(c, c.data(), KernelOutputs.TRACED);
    assertEquals(1, traced.block());
    assertClose(whole.traced().values(), traced.values());
    assertEquals(whole.trace(), classes * traced.trace(), 1e-12 * whole.trace());
  }

  @Property(tries = 100, seed = "2")
  void outputsAndTheirMovementOnTheTangent(
      @ForAll Activation activation,
      @ForAll boolean bias,
      @ForAll boolean batchNorm,
      @ForAll @IntRange(min = 0, max = 3) int depth,
      @ForAll @IntRange(min = 0, max = 1_000_000) int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Integer> hidden = random.ints(depth, 1, 9).boxed().toList();
    MlpSpec spec = spec(3, hidden, 2, activation, bias, batchNorm, Parameterization.STANDARD);
    ObjectiveCase c = ObjectiveCase.of(spec, PLAIN, 6, random);
    LinearizedNetwork network = new LinearizedNetwork(spec, c.theta(), c.statistics(), c.data());
    float[] there = ObjectiveCase.gaussian(random, c.theta().length);
    double[][] outputs = ReferenceJacobian.outputs(spec, c.statistics(), c.data());
    double[][] jacobian = ReferenceJacobian.of(spec, c.statistics(), c.data());
    double[] moved = network.towards(there);
    for (int row = 0; row < jacobian.length; row++) {
      double sum = 0;
      double size = 0;
      for (int p = 0; p < there.length; p++) {
        double part = jacobian[row][p] * ((double) there[p] - c.theta()[p]);
        sum += part;
        size += Math.abs(part);
      }
      assertEquals(sum, moved[row], 1e-13 * size);
      double output = outputs[row / 2][row % 2];
      assertEquals(output, network.outputs()[row], 1e-13 * (1 + Math.abs(output)));
    }
  }

  /** f = x W + b: Θ = (x xᵀ + 1) ⊗ I_K whatever θ, and x xᵀ / inputs + 1 for ntk. */
  @Test
  void aLinearModel() throws InterruptedException {
    for (Parameterization parameterization : Parameterization.values()) {
      MlpSpec spec = spec(2, List.of(), 2, Activation.RELU, true, false, parameterization);
      ObjectiveCase c = ObjectiveCase.of(spec, PLAIN, 2, new SplittableRandom(1));
      Examples data = new Examples(new float[] {1, 2, 3, -1}, new int[] {0, 1}, 2, 2);
      double rate = parameterization == Parameterization.NTK ? 0.5 : 1;
      double xx = 1 + 5 * rate;
      double xy = 1 + 1 * rate;
      double yy = 1 + 10 * rate;
      assertArrayEquals(
          new double[] {xx, 0, xy, 0, 0, xx, 0, xy, xy, 0, yy, 0, 0, xy, 0, yy},
          kernel(c, data, KernelOutputs.ALL).values());
      assertArrayEquals(
          new double[] {xx, xy, xy, yy}, kernel(c, data, KernelOutputs.TRACED).values());
    }
  }

  /**
   * f = Σ_j v_j max(0, w_j x), two units with w = (1, −2), v = (3, 5), at x = (1, −1): Θ(x, y) =
   * Σ_j a_j(x) a_j(y) + x y Σ_j v_j² [w_j x > 0] [w_j y > 0].
   */
  @Test
  void oneHiddenLayerByHand() throws InterruptedException {
    MlpSpec spec = spec(1, List.of(2), 1, Activation.RELU, false, false, Parameterization.STANDARD);
    float[] theta = {1, -2, 3, 5};
    Examples data = new Examples(new float[] {1, -1}, new int[] {0, 0}, 1, 1);
    NetworkState none = new NetworkState(theta, new float[0], new float[0]);
    LinearizedNetwork network = new LinearizedNetwork(spec, theta, none, data);
    assertArrayEquals(new double[] {3, 10}, network.outputs());
    assertArrayEquals(
        new double[] {1 + 9, 0, 0, 4 + 25}, network.kernel(KernelOutputs.TRACED).values());
  }

  /** Renamed hidden units are the same function with the same kernel. */
  @Test
  void hiddenUnitsHaveNoOrder() throws InterruptedException {
    MlpSpec spec = spec(3, List.of(5), 2, Activation.TANH, true, true, Parameterization.MUP);
    ObjectiveCase c = ObjectiveCase.of(spec, PLAIN, 6, new SplittableRandom(4));
    ParameterLayout layout = new ParameterLayout(spec);
    NetworkState renamed = c.statistics().copy();
    int[] names = {3, 0, 4, 2, 1};
    for (int j = 0; j < 5; j++) {
      for (int k = 0; k < 3; k++) {
        renamed.parameters()[layout.weight(0) + k * 5 + names[j]] =
            c.theta()[layout.weight(0) + k * 5 + j];
      }
      for (int offset : new int[] {layout.bias(0), layout.gamma(0), layout.beta(0)}) {
        renamed.parameters()[offset + names[j]] = c.theta()[offset + j];
      }
      for (int k = 0; k < 2; k++) {
        renamed.parameters()[layout.weight(1) + names[j] * 2 + k] =
            c.theta()[layout.weight(1) + j * 2 + k];
      }
      renamed.runningMean()[names[j]] = c.statistics().runningMean()[j];
      renamed.runningVariance()[names[j]] = c.statistics().runningVariance()[j];
    }
    TangentKernel expected = kernel(c, c.data(), KernelOutputs.ALL);
    TangentKernel actual =
        new LinearizedNetwork(spec, renamed.parameters(), renamed, c.data())
            .kernel(KernelOutputs.ALL);
    assertClose(expected.values(), actual.values());
  }

  /** The kernel of some examples is that part of the kernel of all. */
  @Test
  void someOfItsExamples() throws InterruptedException {
    MlpSpec spec =
        spec(3, List.of(5, 4), 3, Activation.GELU, true, false, Parameterization.STANDARD);
    ObjectiveCase c = ObjectiveCase.of(spec, PLAIN, 9, new SplittableRandom(5));
    int[] chosen = {7, 2, 3};
    for (KernelOutputs outputs : KernelOutputs.values()) {
      assertClose(
          kernel(c, c.data().select(chosen), outputs).values(),
          kernel(c, c.data(), outputs).select(chosen).values());
    }
  }

  @Test
  void eigenvaluesAndCentring() {
    TangentKernel kernel = new TangentKernel(2, 1, new double[] {3, 1, 1, 3});
    assertArrayEquals(new double[] {4, 2}, kernel.eigenvalues(), 1e-14);
    assertClose(new double[] {1, -1, -1, 1}, kernel.centred().values());
    assertEquals(Math.sqrt(20), kernel.norm(), 1e-14);
    assertEquals(2, kernel.distance(new TangentKernel(2, 1, new double[] {2, 2, 2, 2})), 1e-14);
  }

  /** Eigenvalues down to rounding, as a kernel of smooth features has them. */
  @Test
  void eigenvaluesOfManyOrders() {
    int n = 300;
    int rank = 200;
    SplittableRandom random = new SplittableRandom(6);
    double[] features = new double[n * rank];
    double squares = 0;
    for (int i = 0; i < features.length; i++) {
      features[i] = random.nextGaussian() * Math.exp(-(i % rank) / 5.0);
      squares += features[i] * features[i];
    }
    TangentKernel kernel = new TangentKernel(n, 1, DenseProduct.gram(features, n));
    double[] eigenvalues = kernel.eigenvalues();
    assertEquals(squares, Arrays.stream(eigenvalues).sum(), 1e-12 * squares);
    assertEquals(
        kernel.norm(),
        Math.sqrt(Arrays.stream(eigenvalues).map(value -> value * value).sum()),
        1e-12 * squares);
    assertEquals(squares, kernel.trace(), 1e-12 * squares);
    double noise = KernelSpectrum.of(kernel).noiseFloor();
    for (int i = 1; i < n; i++) {
      assertTrue(eigenvalues[i] <= eigenvalues[i - 1]);
    }
    assertTrue(Math.abs(eigenvalues[n - 1]) < noise && Math.abs(eigenvalues[rank]) < noise);
  }
}
