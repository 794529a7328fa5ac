package org.basin.engine.cpu;

import java.util.ArrayList;
import java.util.List;
import org.basin.model.MlpSpec;
import org.basin.model.ParameterLayout;
import org.basin.train.OptimizerKind;
import org.basin.train.OptimizerOptions;
import org.jspecify.annotations.Nullable;

/**
 * The optimisers of {@link OptimizerKind}, one pass over the parameters a step: range after range
 * of parameters that share a learning-rate multiplier.
 */
final class Optimizer {

  /** Parameters {@code [from, to)} with one multiplier, penalised or not. */
  private record Range(int from, int to, float multiplier, boolean weights) {}

  private final OptimizerOptions options;
  private final Range[] ranges;
  private final float[] first;
  private final float[] second;
  private int step;

  /** An optimiser before its first step. */
  Optimizer(MlpSpec spec, OptimizerOptions options) {
    this.options = options;
    ParameterLayout layout = new ParameterLayout(spec);
    boolean adaptive = options.name().adaptive();
    List<Range> all = new ArrayList<>();
    for (int l = 0; l < spec.layers(); l++) {
      int weight = layout.weight(l);
      int out = spec.fanOut(l);
      float weightRate = (float) spec.parameterization().weightRate(spec, l, adaptive);
      float vectorRate = (float) spec.parameterization().vectorRate(spec, l, adaptive);
      all.add(new Range(weight, weight + spec.fanIn(l) * out, weightRate, true));
      if (spec.bias()) {
        all.add(new Range(layout.bias(l), layout.bias(l) + out, vectorRate, false));
      }
      if (spec.normalized(l)) {
        all.add(new Range(layout.gamma(l), layout.gamma(l) + 2 * out, vectorRate, false));
      }
    }
    ranges = all.toArray(Range[]::new);
    first = new float[options.name() == OptimizerKind.SGD ? 0 : layout.size()];
    second = new float[adaptive ? layout.size() : 0];
  }

  /** A copy of the second moment, {@code [P]}; null where there is none. */
  float @Nullable [] secondMoment() {
    return second.length == 0 ? null : second.clone();
  }

  /** Moves {@code theta} by one step along the clipped gradient, penalties not yet in it. */
  void step(float[] theta, float[] gradient, double learningRate) {
    step++;
    for (Range range : ranges) {
      float rate = (float) (learningRate * range.multiplier);
      float l2 = range.weights ? (float) options.l2() : 0f;
      float keep = range.weights ? (float) (1 - rate * options.decay()) : 1f;
      float mu = (float) options.momentum();
      int from = range.from;
      int to = range.to;
      switch (options.name()) {
        case SGD -> sgd(theta, gradient, from, to, rate, l2, keep);
        case HEAVY_BALL -> heavyBall(theta, gradient, first, from, to, rate, mu, l2, keep);
        case NESTEROV -> nesterov(theta, gradient, first, from, to, rate, mu, l2, keep);
        case ADAM, ADAMW -> {
          double correction =
              Math.sqrt(1 - Math.pow(options.beta2(), step))
                  / (1 - Math.pow(options.beta1(), step));
          adam(
              theta,
              gradient,
              first,
              second,
              from,
              to,
              (float) (rate * correction),
              (float) options.beta1(),
              (float) options.beta2(),
              (float) options.epsilon(),
              l2,
              keep);
        }
      }
    }
  }

  private static void sgd(
      float[] theta, float[] gradient, int from, int to, float rate, float l2, float keep) {
    for (int i = from; i < to; i++) {
      float g = gradient[i] + l2 * theta[i];
      theta[i] = keep * theta[i] - rate * g;
    }
  }

  private static void heavyBall(
      float[] theta,
      float[] gradient,
      float[] velocity,
      int from,
      int to,
      float rate,
      float mu,
      float l2,
      float keep) {
    for (int i = from; i < to; i++) {
      float v = mu * velocity[i] - rate * (gradient[i] + l2 * theta[i]);
      velocity[i] = v;
      theta[i] = keep * theta[i] + v;
    }
  }

  private static void nesterov(
      float[] theta,
      float[] gradient,
      float[] velocity,
      int from,
      int to,
      float rate,
      float mu,
      float l2,
      float keep) {
    float ahead = 1 + mu;
    for (int i = from; i < to; i++) {
      float before = velocity[i];
      float v = mu * before - rate * (gradient[i] + l2 * theta[i]);
      velocity[i] = v;
      theta[i] = keep * theta[i] - mu * before + ahead * v;
    }
  }

  private static void adam(
      float[] theta,
      float[] gradient,
      float[] first,
      float[] second,
      int from,
      int to,
      float rate,
      float beta1,
      float beta2,
      float epsilon,
      float l2,
      float keep) {
    for (int i = from; i < to; i++) {
      float g = gradient[i] + l2 * theta[i];
      float m = beta1 * first[i] + (1 - beta1) * g;
      float s = beta2 * second[i] + (1 - beta2) * g * g;
      first[i] = m;
      second[i] = s;
      theta[i] = keep * theta[i] - rate * m / ((float) Math.sqrt(s) + epsilon);
    }
  }
}
