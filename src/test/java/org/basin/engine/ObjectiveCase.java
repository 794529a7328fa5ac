package org.basin.engine;

import java.util.SplittableRandom;
import org.basin.data.Examples;
import org.basin.model.Activation;
import org.basin.model.Initialization;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;
import org.basin.model.Parameterization;
import org.basin.train.BatchNormPolicy;
import org.basin.train.LossFunction;
import org.basin.train.ObjectiveOptions;

/**
 * A small random objective and a point to ask at.
 *
 * @param theta {@code [P]}, weights of variance about 1/fanIn, γ around 1
 */
public record ObjectiveCase(
    MlpSpec spec, ObjectiveOptions options, Examples data, NetworkState statistics, float[] theta) {

  /** Draws from the whole space of options; different seeds, different corners of it. */
  public static ObjectiveCase random(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Activation activation = pick(random, Activation.values());
    boolean batchNorm = random.nextBoolean();
    int classes = random.nextInt(2, 6);
    MlpSpec spec =
        new MlpSpec(
            random.nextInt(1, 7),
            random.ints(random.nextInt(0, 4), 1, 10).boxed().toList(),
            classes,
            activation,
            random.nextInt(3) > 0,
            batchNorm,
            Initialization.PYTORCH,
            Parameterization.STANDARD,
            4);
    ObjectiveOptions options =
        new ObjectiveOptions(
            pick(random, LossFunction.values()),
            random.nextBoolean() ? 0 : 0.2,
            random.nextBoolean() ? 0 : 0.3,
            pick(random, BatchNormPolicy.values()));
    return of(spec, options, random.nextInt(8, 40), random);
  }

  /** The given objective on random examples, at a random point. */
  public static ObjectiveCase of(
      MlpSpec spec, ObjectiveOptions options, int count, SplittableRandom random) {
    float[] inputs = gaussian(random, count * spec.inputs());
    int[] labels = random.ints(count, 0, spec.outputs()).toArray();
    Examples data = new Examples(inputs, labels, spec.inputs(), spec.outputs());
    ParameterLayout layout = new ParameterLayout(spec);
    float[] theta = gaussian(random, layout.size());
    for (int l = 0; l < spec.layers(); l++) {
      for (int i = 0; i < spec.fanIn(l) * spec.fanOut(l); i++) {
        theta[layout.weight(l) + i] *= (float) (1 / Math.sqrt(spec.fanIn(l)));
      }
      for (int i = 0; spec.normalized(l) && i < spec.fanOut(l); i++) {
        theta[layout.gamma(l) + i] = 1 + 0.3f * theta[layout.gamma(l) + i];
      }
    }
    float[] mean = gaussian(random, layout.statisticsSize());
    float[] variance = gaussian(random, layout.statisticsSize());
    for (int i = 0; i < variance.length; i++) {
      variance[i] = 0.5f + variance[i] * variance[i];
    }
    return new ObjectiveCase(
        spec, options, data, new NetworkState(theta.clone(), mean, variance), theta);
  }

  /** Standard normal values. */
  public static float[] gaussian(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static <E> E pick(SplittableRandom random, E[] values) {
    return values[random.nextInt(values.length)];
  }

  @Override
  public String toString() {
    return "%s->%s->%d %s%s%s, %s, n=%d"
        .formatted(
            spec.inputs(),
            spec.hidden(),
            spec.outputs(),
            spec.activation(),
            spec.bias() ? "" : ", no bias",
            spec.batchNorm() ? ", batch norm" : "",
            options,
            data.count());
  }
}
