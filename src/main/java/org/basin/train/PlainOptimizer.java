package org.basin.train;

import java.util.Arrays;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.jspecify.annotations.Nullable;

/**
 * The optimisers of {@link OptimizerKind} in double precision, element by element, as the formulas
 * there say; what engines do faster.
 */
public final class PlainOptimizer {
  private final OptimizerOptions options;
  private final double[] multiplier; // of the learning rate, an element
  private final boolean[] penalized; // weights; not biases, γ, β
  private final double[] velocity;
  private final double[] first;
  private final double[] second;
  private int step;

  /** An optimiser before its first step. */
  public PlainOptimizer(MlpSpec spec, OptimizerOptions options) {
    this.options = options;
    ParameterLayout layout = new ParameterLayout(spec);
    multiplier = new double[layout.size()];
    penalized = new boolean[layout.size()];
    velocity = new double[layout.size()];
    first = new double[layout.size()];
    second = new double[layout.size()];
    boolean adaptive = options.name().adaptive();
    for (int l = 0; l < spec.layers(); l++) {
      int weights = spec.fanIn(l) * spec.fanOut(l);
      double vectorRate = spec.parameterization().vectorRate(spec, l, adaptive);
      fill(layout.weight(l), weights, spec.parameterization().weightRate(spec, l, adaptive));
      Arrays.fill(penalized, layout.weight(l), layout.weight(l) + weights, true);
      fill(layout.bias(l), spec.bias() ? spec.fanOut(l) : 0, vectorRate);
      fill(layout.gamma(l), spec.normalized(l) ? 2 * spec.fanOut(l) : 0, vectorRate);
    }
  }

  private void fill(int from, int count, double rate) {
    Arrays.fill(multiplier, from, from + count, rate);
  }

  /** Adam's second moment as it is; null for the others. */
  public double @Nullable [] secondMoment() {
    return options.name().adaptive() ? second : null;
  }

  /**
   * Moves {@code theta} by one step.
   *
   * @param theta θ, {@code [P]}, overwritten
   * @param gradient clipped and without penalties, {@code [P]}, only read
   * @param learningRate scheduled, before the layers' multipliers
   */
  public void update(double[] theta, double[] gradient, double learningRate) {
    step++;
    double mu = options.momentum();
    double b1 = options.beta1();
    double b2 = options.beta2();
    double correction = Math.sqrt(1 - Math.pow(b2, step)) / (1 - Math.pow(b1, step));
    for (int i = 0; i < theta.length; i++) {
      double rate = learningRate * multiplier[i];
      double g = gradient[i] + (penalized[i] ? options.l2() * theta[i] : 0);
      double decay = penalized[i] ? rate * options.decay() * theta[i] : 0;
      double move =
          switch (options.name()) {
            case SGD -> -rate * g;
            case HEAVY_BALL -> {
              velocity[i] = mu * velocity[i] - rate * g;
              yield velocity[i];
            }
            case NESTEROV -> {
              double before = velocity[i];
              velocity[i] = mu * before - rate * g;
              yield -mu * before + (1 + mu) * velocity[i];
            }
            case ADAM, ADAMW -> {
              first[i] = b1 * first[i] + (1 - b1) * g;
              second[i] = b2 * second[i] + (1 - b2) * g * g;
              yield -rate * correction * first[i] / (Math.sqrt(second[i]) + options.epsilon());
            }
          };
      theta[i] += move - decay;
    }
  }
}
