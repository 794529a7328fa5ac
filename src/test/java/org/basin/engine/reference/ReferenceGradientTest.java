package org.basin.engine.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.basin.model.Parameterization;
import org.basin.train.LossFunction;

/** The oracle's gradient against central differences of its own loss. */
class ReferenceGradientTest {

  @Property(tries = 60, seed = "1")
  void gradientIsTheSlopeOfTheLoss(
      @ForAll Activation activation,
      @ForAll LossFunction loss,
      @ForAll boolean batchNorm,
      @ForAll boolean bias,
      @ForAll @IntRange(min = 0, max = 3) int depth,
      @ForAll @IntRange(min = 0, max = 1_000_000) int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Integer> hidden = random.ints(depth, 2, 6).boxed().toList();
    MlpSpec spec =
        new MlpSpec(
            3,
            hidden,
            4,
            activation,
            bias,
            batchNorm,
            Initialization.HE,
            Parameterization.STANDARD,
            4);
    double[] theta = random.doubles(new ParameterLayout(spec).size(), -1, 1).toArray();
    double[][] x = new double[6][];
    double[][] y = new double[6][4];
    for (int i = 0; i < x.length; i++) {
      x[i] = random.doubles(3, -2, 2).toArray();
      y[i][random.nextInt(4)] = 1;
    }
    ReferenceGradient network = new ReferenceGradient(spec, loss);
    network.forward(theta, null, null, x);
    double[] gradient = network.backward(theta, y);
    // A difference across a kink of ReLU is off by what the kink is worth: the smaller, the rarer.
    double h = 1e-6;
    for (int i = 0; i < theta.length; i++) {
      double at = theta[i];
      theta[i] = at + h;
      double above = loss(network, loss, theta, x, y);
      theta[i] = at - h;
      double below = loss(network, loss, theta, x, y);
      theta[i] = at;
      assertEquals((above - below) / (2 * h), gradient[i], 2e-7, "parameter " + i);
    }
  }

  private static double loss(
      ReferenceGradient network, LossFunction loss, double[] theta, double[][] x, double[][] y) {
    network.forward(theta, null, null, x);
    double total = 0;
    for (int i = 0; i < x.length; i++) {
      double[] f = network.logits[i];
      double sum = 0;
      for (double value : f) {
        sum += Math.exp(value);
      }
      for (int k = 0; k < f.length; k++) {
        total +=
            switch (loss) {
              case CROSS_ENTROPY -> y[i][k] * (Math.log(sum) - f[k]);
              case MSE -> (f[k] - y[i][k]) * (f[k] - y[i][k]) / f.length;
            };
      }
    }
    return total / x.length;
  }
}
