package org.basin.landscape.kernel;

import org.basin.InvalidInputException;
import org.basin.Require;
import org.basin.landscape.RefusesNetworks;
import org.basin.model.MlpSpec;
import org.basin.train.BatchNormPolicy;
import org.jspecify.annotations.Nullable;

/**
 * What {@link KernelProbe} measures.
 *
 * @param kernelExamples size n of the random part of the measured examples that the kernel is of;
 *     all of them where there are fewer
 * @param outputs what becomes of the outputs of an example
 * @param looks how many networks of the training, repeated from its seed, the table {@code drift}
 *     has, from the first to the last at steps of a constant ratio, since kernels move early (Fort
 *     et al. 2020); null for no such table
 * @param linearizedTraining whether the linearised network is trained beside the real one, in
 *     double precision; costs several times the training
 */
public record KernelOptions(
    int kernelExamples, KernelOutputs outputs, @Nullable Integer looks, boolean linearizedTraining)
    implements RefusesNetworks {
  /** 256 examples, their kernels of order 256. */
  public static final KernelOptions DEFAULTS =
      new KernelOptions(256, KernelOutputs.TRACED, null, false);

  /** The largest order of a kernel: 32 MiB of doubles. */
  public static final int LARGEST_ORDER = 2048;

  /** Checks ranges. */
  public KernelOptions {
    Require.inRange("kernelExamples", kernelExamples, 2, LARGEST_ORDER);
    if (looks != null) {
      Require.inRange("looks", looks, 2, 1000);
    }
  }

  @Override
  public void requireMeasurable(MlpSpec spec, BatchNormPolicy batchNorm) {
    if (!spec.normalized(0)) {
      return;
    }
    if (batchNorm == BatchNormPolicy.BATCH) {
      throw new InvalidInputException(
          "the kernel probe's batchNorm is batch, which makes an example's outputs depend on all"
              + " others; allowed: frozen, recalibrated");
    }
    if (linearizedTraining) {
      throw new InvalidInputException(
          "linearizedTraining is of networks without batch normalisation, whose outputs in training"
              + " depend on the whole batch; allowed: linearizedTraining: false, or model.batchNorm:"
              + " false");
    }
  }
}
